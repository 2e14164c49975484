// Every cell of a sweep, the choice of each arm's rate and steps, and both as plan.json.
//
//   SweepPlan plan(setting);
//   ... plan.tuning() are computed ...
//   plan.choose(store);
//   ... plan.cells() are computed ...
//
// Arms of one company (transfer/arm.h) choose together. A choice is a function of their tuning cells
// alone: every process that shares a store makes the same, and none reads a test result.
#pragma once

#include <map>

#include "core/jsonl.h"
#include "transfer/cell_store.h"

namespace espalier::transfer {

struct PlannedCell {
  std::string id;  // "" until its arm's company has chosen
  Cell cell;
  nlohmann::json spec;
  size_t arm = 0;
  size_t setting = 0;  // of the arm's
};

struct PlannedArm {
  Arm arm;
  size_t company = 0;  // its number
  std::vector<Hyperparameters> settings;
  std::vector<double> validation;  // accuracy of each setting on held-out images; NaN = not run
  std::optional<size_t> chosen;
};

class SweepPlan {
 public:
  explicit SweepPlan(const Setting& setting);

  const std::vector<PlannedArm>& arms() const { return arms_; }
  // Arms that choose together.
  const std::vector<std::vector<size_t>>& companies() const { return companies_; }
  // Runs that tune, of every arm with several settings: each setting, on each fold of the first
  // transfer.tuning_seeds seeds.
  const std::vector<PlannedCell>& tuning() const { return tuning_; }
  // By arm and seed. Equal runs of two arms have one id.
  const std::vector<PlannedCell>& cells() const { return cells_; }

  // For every company whose tuning cells are all there, the setting of the highest accuracy, mean of
  // its arms; of equal ones the smallest rate and the fewest steps. A cell that diverged counts as
  // 0, equal runs of two arms count once. Where images cannot be divided the middle setting is taken.
  void choose(const CellStore& store);

  // With the cells of the first `seeds` of each backbone.
  Json json(int64_t seeds = std::numeric_limits<int64_t>::max()) const;

 private:
  void plan_tuning(size_t arm);
  void settle(size_t arm, size_t chosen);
  void settle_together(const std::vector<size_t>& arms, const std::vector<double>& validation);
  PlannedCell planned(const Cell& cell, size_t arm, size_t setting) const;

  const Setting& setting_;
  std::vector<PlannedArm> arms_;
  std::vector<std::vector<size_t>> companies_;
  std::vector<PlannedCell> tuning_, cells_;
};

}  // namespace espalier::transfer
