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
  double weight_decay() const override { return weight_decay_; }

 protected:
  std::vector<std::string> state_names(const Group&) const override { return {"momentum"}; }

  void update(Group& group, State& state, double lr, double weight_decay) override {
    const bool has_momentum = momentum_ > 0;
    at::_fused_sgd_(group.weights, group.gradients,
                    has_momentum ? at::TensorList(state[0]) : at::TensorList(), weight_decay,
                    momentum_, lr, /*dampening=*/0, has_momentum && nesterov_, /*maximize=*/false,
                    /*is_first_step=*/false);
  }

 private:
  double momentum_ = 0.9;
  bool nesterov_ = true;
  double weight_decay_ = 5e-4;
};

ESPALIER_REGISTER(Optimizer, Sgd, "sgd", "stochastic gradient descent with momentum");

}  // namespace
}  // namespace espalier::optim
