#include "optim/course.h"

#include <cmath>
#include <numbers>

namespace espalier::optim {

Rates Course::at(int64_t step) const {
  const auto rise = static_cast<int64_t>(std::floor(warmup * static_cast<double>(steps)));
  const double factor = step < rise ? static_cast<double>(step + 1) / static_cast<double>(rise)
                                    : schedule->factor(step - rise, steps - rise);
  Rates rates{.lr = lr * factor, .highest_lr = lr, .weight_decay = weight_decay};
  if (weight_decay_end) {
    const double progress = static_cast<double>(step) / static_cast<double>(steps);
    const double left = (1 + std::cos(std::numbers::pi * progress)) / 2;
    rates.weight_decay = *weight_decay_end + (weight_decay - *weight_decay_end) * left;
  }
  return rates;
}

}  // namespace espalier::optim
