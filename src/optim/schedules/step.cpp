// The rate is multiplied by `gamma` at each milestone; without milestones it is constant.
#include <cmath>

#include "optim/schedule.h"

namespace espalier::optim {
namespace {

class Step : public Schedule {
 public:
  Fields fields() override {
    return {
        {"milestones",
         &milestones_,
         {.min = 0,
          .max = 1,
          .unit = "of the steps after warm-up",
          .help = "shares of the steps after which the learning rate drops"}},
        {"gamma", &gamma_, {.min = 0, .max = 1, .help = "what a drop multiplies the rate with"}}};
  }

  double factor(int64_t step, int64_t total) const override {
    double factor = 1;
    for (double milestone : milestones_)
      if (static_cast<double>(step) >= std::round(milestone * static_cast<double>(total)))
        factor *= gamma_;
    return factor;
  }

 private:
  std::vector<double> milestones_;
  double gamma_ = 0.1;
};

ESPALIER_REGISTER(Schedule, Step, "step", "constant, with drops at milestones");

}  // namespace
}  // namespace espalier::optim
