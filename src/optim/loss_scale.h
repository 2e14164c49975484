// Dynamic loss scaling: what makes fp16 trainable (Micikevicius et al., "Mixed precision training",
// ICLR 2018, section 3.2). The loss is multiplied by a scale before backward, so that small
// gradients do not vanish in fp16, and the gradient is divided by it afterwards.
//
//   LossScale scale;
//   ... backward of the mean loss times scale.value ...
//   scale.update(is_finite);   // a step that is not finite moves nothing
//
// The numbers are those of torch.amp.GradScaler.
#pragma once

#include <cstdint>

namespace espalier::optim {

struct LossScale {
  static constexpr double kFirst = 65536, kLeast = 1;
  static constexpr int64_t kGrowthSteps = 2000;

  double value = kFirst;      // a power of two; below kLeast no scale helps
  int64_t finite_steps = 0;   // in a row, since the value changed
  int64_t skipped_steps = 0;  // of the run

  // After each step: halved where the gradient is not finite, doubled after kGrowthSteps that are.
  void update(bool is_finite) {
    if (!is_finite) {
      value /= 2;
      finite_steps = 0;
      ++skipped_steps;
    } else if (++finite_steps == kGrowthSteps) {
      value *= 2;
      finite_steps = 0;
    }
  }
};

}  // namespace espalier::optim
