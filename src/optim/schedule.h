// A learning-rate schedule: a pure function of the step, so that resume needs no state. It covers
// the steps after the warm-up, which is none of its business (optim/course.h). Plug-in kind
// "schedule".
#pragma once

#include "core/registry.h"

namespace espalier::optim {

class Schedule : public Plugin {
 public:
  static constexpr const char* kKind = "schedule";

  // What the learning rate is multiplied with at `step` in [0, total), both counted after the
  // warm-up.
  virtual double factor(int64_t step, int64_t total) const = 0;
};

}  // namespace espalier::optim
