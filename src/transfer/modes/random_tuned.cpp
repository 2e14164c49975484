// Control of tuned: random stages below the cut learn at the rate of kept ones. At factor 1 it is
// scratch.
#include "transfer/mode.h"

namespace espalier::transfer {
namespace {

class RandomTuned : public Mode {
 public:
  Plan plan(int64_t cut, int64_t stages) const override {
    return keep_below(cut, stages, Weights::kFresh, /*trained=*/true);
  }
};

ESPALIER_REGISTER(Mode, RandomTuned, "random_tuned",
                  "control: random stages below the cut learn at the rate of kept ones");

}  // namespace
}  // namespace espalier::transfer
