// Control of tuned that separates the scale of weights from what they learned (Raghu et al. 2019,
// section 4.2).
#include "transfer/mode.h"

namespace espalier::transfer {
namespace {

class MeanVar : public Mode {
 public:
  Plan plan(int64_t cut, int64_t stages) const override {
    return keep_below(cut, stages, Weights::kMeanVar, /*trained=*/true);
  }
};

ESPALIER_REGISTER(Mode, MeanVar, "mean_var",
                  "control: random weights of the mean and variance of the pretrained ones learn");

}  // namespace
}  // namespace espalier::transfer
