// Every cell of a sweep, the choice of each arm's rate and steps, and both as plan.json.
//
//   SweepPlan plan(setting);
//   ... plan.tuning() are computed ...
//   plan.choose(store);
//   ... plan.cells() are computed ...
//
// A choice is a function of the arm's tuning cells alone: every process that shares a store makes
// the same, and none reads a test result.
#pragma once

#include "core/jsonl.h"
#include "transfer/cell_store.h"

namespace espalier::transfer {

struct PlannedCell {
  std::string id;  // "" until its arm has chosen
  Cell cell;
  nlohmann::json spec;
  size_t arm = 0;
  size_t setting = 0;  // of the arm's
};

struct PlannedArm {
  Arm arm;
  std::vector<Hyperparameters> settings;
  std::vector<double> validation;  // accuracy of each setting on held-out images; NaN = not run
  std::optional<size_t> chosen;
};

class SweepPlan {
 public:
  explicit SweepPlan(const Setting& setting);

  const std::vector<PlannedArm>& arms() const { return arms_; }
  // Runs that tune, of every arm with several settings: each setting, on each fold of the first
  // transfer.tuning_seeds seeds.
  const std::vector<PlannedCell>& tuning() const { return tuning_; }
  // By arm and seed. Equal runs of two arms have one id.
  const std::vector<PlannedCell>& cells() const { return cells_; }

  // For every arm whose tuning cells are all there, the setting of the highest mean accuracy; of
  // equal ones the smallest rate and the fewest steps. A cell that diverged counts as 0. An arm
  // whose images cannot be divided takes the middle setting.
  void choose(const CellStore& store);

  Json json() const;

 private:
  void plan_tuning(size_t arm);
  void settle(size_t arm, size_t chosen);
  PlannedCell planned(const Cell& cell, size_t arm, size_t setting) const;

  const Setting& setting_;
  std::vector<PlannedArm> arms_;
  std::vector<PlannedCell> tuning_, cells_;
};

}  // namespace espalier::transfer
