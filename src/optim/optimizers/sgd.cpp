// Stochastic gradient descent with momentum and (coupled) weight decay, PyTorch's form:
//   g <- g + weight_decay * w;  v <- momentum * v + g;  w <- w - lr * (nesterov ? g + momentum * v
//   : v)
// v starts at zero, so the first step uses g itself. Nesterov: Sutskever et al. 2013.
#include <ATen/ATen.h>
#include <ATen/ops/_fused_sgd.h>

#include "optim/optimizer.h"

namespace espalier::optim {
namespace {

class Sgd : public Optimizer {
 public:
  Fields fields() override {
    return {
        {"momentum",
         &momentum_,
         {.min = 0, .max = 1, .help = "share of the last update that the next one keeps"}},
        {"nesterov",
         &nesterov_,
         {.help = "take the gradient where the momentum leads (Nesterov), not where the weights "
                  "are"}},
        {"weight_decay",
         &weight_decay_,
         {.min = 0,
          .max = 10,
          .help = "factor of the weights that is added to their gradient "
                  "(L2 penalty)"}}};
  }

 protected:
  std::vector<std::string> state_names() const override { return {"momentum"}; }

  void update(Group& group, std::vector<std::vector<at::Tensor>>& state, double lr) override {
    const double decay = group.decay ? weight_decay_ : 0;
    if (momentum_ == 0) {
      at::_fused_sgd_(group.weights, group.gradients, {}, decay, 0, lr, 0, false, false, false);
    } else {
      at::_fused_sgd_(group.weights, group.gradients, state[0], decay, momentum_, lr, 0, nesterov_,
                      false,
                      /*is_first_step=*/false);
    }
  }

 private:
  double momentum_ = 0.9;
  bool nesterov_ = true;
  double weight_decay_ = 5e-4;
};

ESPALIER_REGISTER(Optimizer, Sgd, "sgd", "stochastic gradient descent with momentum");

}  // namespace
}  // namespace espalier::optim
