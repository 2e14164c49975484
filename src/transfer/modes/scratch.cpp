// The baseline: all weights are fresh and all learn alike.
#include "transfer/mode.h"

namespace espalier::transfer {
namespace {

class Scratch : public Mode {
 public:
  Plan plan(int64_t, int64_t stages) const override {
    return keep_below(0, stages, Weights::kFresh, /*trained=*/true);
  }
};

ESPALIER_REGISTER(Mode, Scratch, "scratch", "all stages are drawn anew and learn: the baseline");

}  // namespace
}  // namespace espalier::transfer
