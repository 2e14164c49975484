// The rates of every step of a run: warm-up and schedule of the learning rate, and weight decay.
// Pure functions of the step, so that resume needs no state.
#pragma once

#include <memory>
#include <optional>

#include "optim/optimizer.h"
#include "optim/schedule.h"

namespace espalier::optim {

struct Course {
  double lr = 0;      // the highest of the run
  double warmup = 0;  // share of the steps
  std::shared_ptr<const Schedule> schedule;
  double weight_decay = 0;
  std::optional<double> weight_decay_end = {};  // nothing = it does not change
  int64_t steps = 1;                            // of the run

  // At `step` in [0, steps). With W = floor(warmup * steps) the learning rate is
  //   lr * (step + 1) / W                                   for step < W
  //   lr * schedule->factor(step - W, steps - W)            afterwards
  // and the weight decay goes from its first value to its last along half a cosine over all steps
  // (DINO, Caron et al. 2021, section 3.2).
  Rates at(int64_t step) const;
};

}  // namespace espalier::optim
