// First the new part alone learns, then all (Kumar et al. 2022). In the first half kept stages rest,
// but their running statistics follow the data.
#include "transfer/mode.h"

namespace espalier::transfer {
namespace {

class Lpft : public Mode {
 public:
  Plan plan(int64_t cut, int64_t stages) const override {
    Plan plan = keep_below(cut, stages, Weights::kSource, /*trained=*/true);
    plan.head_first = 0.5;
    return plan;
  }
};

ESPALIER_REGISTER(Mode, Lpft, "lpft", "pretrained stages learn in the second half of the steps");

}  // namespace
}  // namespace espalier::transfer
