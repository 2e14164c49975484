// The learning curve of a cell as CSV: step, loss, accuracy, lr, validation_loss,
// validation_accuracy. Twenty rows, each the mean over the steps since the one before; at each
// quarter images that do not train are scored.
#pragma once

#include <functional>
#include <optional>
#include <string>

#include "engine/evaluate.h"
#include "engine/lane_engine.h"

namespace espalier::transfer {

class CellCurve {
 public:
  explicit CellCurve(int64_t steps) : steps_(steps) {}

  // After each step, counted from 1. `score` is asked at each quarter; nothing where there are no
  // images.
  void add(int64_t step, const engine::StepSums& sums, double lr,
           const std::function<std::optional<engine::Scores>()>& score);

  const std::string& csv() const { return csv_; }

 private:
  bool ends_one_of(int64_t parts, int64_t step) const;

  int64_t steps_;
  std::string csv_ = "step,loss,accuracy,lr,validation_loss,validation_accuracy\n";
  double loss_ = 0, accuracy_ = 0;  // summed since the last row
  int64_t count_ = 0;
};

}  // namespace espalier::transfer
