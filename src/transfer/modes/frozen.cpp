// Kept stages rest bit for bit: "AnB" of Yosinski et al. 2014.
#include "transfer/mode.h"

namespace espalier::transfer {
namespace {

class Frozen : public Mode {
 public:
  Plan plan(int64_t cut, int64_t stages) const override {
    return keep_below(cut, stages, Weights::kSource, /*trained=*/false);
  }
};

ESPALIER_REGISTER(Mode, Frozen, "frozen",
                  "pretrained stages rest, the others are drawn anew and learn");

}  // namespace
}  // namespace espalier::transfer
