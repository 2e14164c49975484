// Kept stages learn, at a rate of their own: "AnB+" of Yosinski et al. 2014.
#include "transfer/mode.h"

namespace espalier::transfer {
namespace {

class Tuned : public Mode {
 public:
  Plan plan(int64_t cut, int64_t stages) const override {
    return keep_below(cut, stages, Weights::kSource, /*trained=*/true);
  }
};

ESPALIER_REGISTER(Mode, Tuned, "tuned",
                  "pretrained stages learn, the others are drawn anew and learn");

}  // namespace
}  // namespace espalier::transfer
