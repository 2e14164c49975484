// Half a cosine (Loshchilov & Hutter 2017, eq. 5, without restarts):
//   end + (1 - end) * (1 + cos(pi * step / total)) / 2
#include <cmath>
#include <numbers>

#include "optim/schedule.h"

namespace espalier::optim {
namespace {

class Cosine : public Schedule {
 public:
  Fields fields() override {
    return {{"end",
             &end_,
             {.min = 0, .max = 1, .unit = "of lr", .help = "learning rate after the last step"}}};
  }

  double factor(int64_t step, int64_t total) const override {
    const double progress = static_cast<double>(step) / static_cast<double>(total);
    return end_ + (1 - end_) * (1 + std::cos(std::numbers::pi * progress)) / 2;
  }

 private:
  double end_ = 0;
};

ESPALIER_REGISTER(Schedule, Cosine, "cosine", "half a cosine down");

}  // namespace
}  // namespace espalier::optim
