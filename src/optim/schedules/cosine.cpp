// Linear warm-up, then half a cosine (Loshchilov & Hutter 2017, eq. 5, without restarts):
//   step < W:  (step + 1) / W        else:  end + (1 - end) * (1 + cos(pi * (step - W) / (total -
//   W))) / 2
#include <cmath>
#include <numbers>

#include "optim/schedule.h"

namespace espalier::optim {
namespace {

class Cosine : public Schedule {
 public:
  Fields fields() override {
    return {{"warmup",
             &warmup_,
             {.min = 0,
              .max = 1,
              .unit = "of the run",
              .help = "share of the steps over which the learning rate rises linearly"}},
            {"end",
             &end_,
             {.min = 0, .max = 1, .unit = "of lr", .help = "learning rate after the last step"}}};
  }

  double factor(int64_t step, int64_t total) const override {
    const double warmup = std::floor(warmup_ * static_cast<double>(total));
    const double at = static_cast<double>(step);
    if (at < warmup) return (at + 1) / warmup;
    const double progress = (at - warmup) / std::max(1.0, static_cast<double>(total) - warmup);
    return end_ + (1 - end_) * (1 + std::cos(std::numbers::pi * progress)) / 2;
  }

 private:
  double warmup_ = 0;
  double end_ = 0;
};

ESPALIER_REGISTER(Schedule, Cosine, "cosine", "linear warm-up, then half a cosine down");

}  // namespace
}  // namespace espalier::optim
