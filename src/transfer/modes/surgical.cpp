// All stages are pretrained and the last one below the cut alone learns, with a new classifier (Lee
// et al. 2023).
#include "transfer/mode.h"

namespace espalier::transfer {
namespace {

class Surgical : public Mode {
 public:
  Plan plan(int64_t cut, int64_t stages) const override {
    Plan plan = keep_below(stages, stages, Weights::kSource, /*trained=*/false);
    plan.trained[static_cast<size_t>(cut - 1)] = true;
    return plan;
  }
};

ESPALIER_REGISTER(Mode, Surgical, "surgical",
                  "all stages are pretrained, the one before the cut alone learns");

}  // namespace
}  // namespace espalier::transfer
