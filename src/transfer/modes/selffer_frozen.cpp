// Control of frozen: does cutting alone hurt? "BnB" of Yosinski et al. 2014.
#include "transfer/mode.h"

namespace espalier::transfer {
namespace {

class SelfferFrozen : public Mode {
 public:
  Plan plan(int64_t cut, int64_t stages) const override {
    return keep_below(cut, stages, Weights::kSelf, /*trained=*/false);
  }
};

ESPALIER_REGISTER(Mode, SelfferFrozen, "selffer_frozen",
                  "control: stages of a network trained on the same labels rest");

}  // namespace
}  // namespace espalier::transfer
