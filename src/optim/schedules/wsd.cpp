// Warm-up, stable, decay (Hägele et al., "Scaling laws and compute-optimal training beyond fixed
// training durations", NeurIPS 2024, section 3): constant, then down to zero over the last D steps
// of N:  1 - sqrt((step - (N - D)) / D),  or the same without the root.
// D is a share of the steps after the warm-up, of N here; the paper's is of the whole run.
#include <cmath>

#include "core/names.h"
#include "optim/schedule.h"

namespace espalier::optim {
namespace {

enum class Shape { kRoot, kLinear };
constexpr auto names_of(Shape) {
  using enum Shape;
  return names<Shape>({{kRoot, "1-sqrt"}, {kLinear, "linear"}});
}

class Wsd : public Schedule {
 public:
  Fields fields() override {
    return {{"cooldown",
             &cooldown_,
             {.min = 0,
              .max = 1,
              .unit = "of the steps after warm-up",
              .help = "share of the steps, the last ones, over which the learning rate falls"}},
            {"cooldown_shape",
             &shape_,
             {.help = "how it falls: 1-sqrt = quickly at first, linear = evenly"}}};
  }

  double factor(int64_t step, int64_t total) const override {
    const double length = std::round(cooldown_ * static_cast<double>(total));
    const double into = static_cast<double>(step) - (static_cast<double>(total) - length);
    if (into <= 0) return 1;
    const double share = into / length;
    return 1 - (shape_ == Shape::kRoot ? std::sqrt(share) : share);
  }

 private:
  double cooldown_ = 0.2;
  Shape shape_ = Shape::kRoot;
};

ESPALIER_REGISTER(Schedule, Wsd, "wsd", "constant, then down to zero at the end of the run");

}  // namespace
}  // namespace espalier::optim
