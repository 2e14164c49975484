// Stages below the cut rest; those above begin pretrained too and learn (MAE, He et al. 2022,
// figure 9).
#include "transfer/mode.h"

namespace espalier::transfer {
namespace {

class Partial : public Mode {
 public:
  Plan plan(int64_t cut, int64_t stages) const override {
    Plan plan = keep_below(stages, stages, Weights::kSource, /*trained=*/false);
    for (int64_t stage = cut; stage < stages; ++stage)
      plan.trained[static_cast<size_t>(stage)] = true;
    return plan;
  }
};

ESPALIER_REGISTER(Mode, Partial, "partial", "all stages are pretrained, those below the cut rest");

}  // namespace
}  // namespace espalier::transfer
