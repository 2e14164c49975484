// What a sweep compares. Cells of an arm differ by their seed alone.
#pragma once

#include <nlohmann/json.hpp>
#include <string>
#include <tuple>
#include <vector>

#include "statistics/cells.h"
#include "transfer/mode.h"
#include "transfer/transfer_config.h"

namespace espalier::transfer {

struct Arm {
  std::string source;            // of kept weights: "ours" is --backbone; "" where a mode has none
  std::string mode;              // "scratch" at cut 0
  double kept_lr_factor = 0;     // 0 where no kept stage learns
  std::string head;              // "" where a probe takes its place
  int64_t cut = 0;               // stages kept
  int64_t labels_per_class = 0;  // 0 = all

  // "tuned, factor 0.1, cut 2, 10 labels per class"
  std::string text() const;
  bool operator==(const Arm&) const = default;
};

using statistics::kOurs;

// Every arm of a sweep over a backbone of `stages` stages, at these numbers of labels per class;
// those that are compared stand together.
std::vector<Arm> arms_of(const SweepOptions& sweep, const std::vector<int64_t>& labels_per_class,
                         int64_t stages);

// Arms of one company differ by where their kept weights come from alone: a pretrained arm and its
// controls. They are compared, so they take one rate and one number of steps together.
using Company = std::tuple<int64_t, int64_t, std::string, double, Treatment>;
Company company_of(const Arm& arm, int64_t stages);

// How fast and how long a cell learns.
struct Hyperparameters {
  double lr = 0;
  int64_t steps = 0;
  bool operator==(const Hyperparameters&) const = default;
};

// Those that the arm chooses one of, the smallest rate and the fewest steps first. One of zeros for
// a probe, which is solved.
std::vector<Hyperparameters> settings_of(const SweepOptions& sweep, const Arm& arm);

}  // namespace espalier::transfer
