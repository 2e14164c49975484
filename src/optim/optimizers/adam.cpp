// Adam (Kingma & Ba 2015, algorithm 1), without weight decay.
#include "optim/adam.h"

namespace espalier::optim {
namespace {

class Adam : public AdamFamily {
 protected:
  double weight_decay() const override { return 0; }
};

ESPALIER_REGISTER(Optimizer, Adam, "adam", "Adam, without weight decay");

}  // namespace
}  // namespace espalier::optim
