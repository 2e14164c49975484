// Control of tuned: does training again help by itself? "BnB+" of Yosinski et al. 2014.
#include "transfer/mode.h"

namespace espalier::transfer {
namespace {

class SelfferTuned : public Mode {
 public:
  Plan plan(int64_t cut, int64_t stages) const override {
    return keep_below(cut, stages, Weights::kSelf, /*trained=*/true);
  }
};

ESPALIER_REGISTER(Mode, SelfferTuned, "selffer_tuned",
                  "control: stages of a network trained on the same labels learn on");

}  // namespace
}  // namespace espalier::transfer
