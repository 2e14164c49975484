// Adam (Kingma & Ba 2015, algorithm 1), without weight decay.
#include "optim/adam.h"

namespace espalier::optim {
namespace {

class Adam : public AdamFamily {
 protected:
  void update(Group& group, State& state, double lr, double) override {
    AdamFamily::update(group, state, lr, /*weight_decay=*/0);
  }
};

ESPALIER_REGISTER(Optimizer, Adam, "adam", "Adam, without weight decay");

}  // namespace
}  // namespace espalier::optim
