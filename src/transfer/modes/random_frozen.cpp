// Control of frozen: random stages below the cut rest, with running statistics of the training
// images.
#include "transfer/mode.h"

namespace espalier::transfer {
namespace {

class RandomFrozen : public Mode {
 public:
  Plan plan(int64_t cut, int64_t stages) const override {
    return keep_below(cut, stages, Weights::kFresh, /*trained=*/false);
  }
};

ESPALIER_REGISTER(Mode, RandomFrozen, "random_frozen", "control: random stages below the cut rest");

}  // namespace
}  // namespace espalier::transfer
