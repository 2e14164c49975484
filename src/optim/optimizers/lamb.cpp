// LAMB (You et al., "Large batch optimization for deep learning", ICLR 2020, algorithm 2): Adam's
// direction with decoupled weight decay, scaled for each tensor to the norm of its weights:
//   u <- m^ / (sqrt(v^) + epsilon) + weight_decay * w;  w <- w - lr * (|w| / |u|) * u
// phi of the paper is the identity; the ratio is 1 where either norm is zero, and for groups that
// do not decay (biases, normalisation), as in timm.
#include <ATen/ATen.h>

#include "optim/adam.h"
#include "optim/trust.h"

namespace espalier::optim {
namespace {

class Lamb : public AdamFamily {
 public:
  Lamb() { epsilon_ = 1e-6; }

  Fields fields() override {
    Fields fields = AdamFamily::fields();
    fields.push_back(
        {"weight_decay",
         &weight_decay_,
         {.min = 0,
          .max = 10,
          .help = "factor of the weights that is added to their update before it is scaled"}});
    return fields;
  }
  double weight_decay() const override { return weight_decay_; }

 protected:
  void update(Group& group, State& state, double lr, double weight_decay) override {
    std::vector<at::Tensor>&mean = state[0], &square = state[1], &updates = state[2];
    at::_foreach_add_(updates, 1);
    at::_foreach_lerp_(mean, group.gradients, 1 - beta1_);
    at::_foreach_mul_(square, beta2_);
    at::_foreach_addcmul_(square, group.gradients, group.gradients, 1 - beta2_);
    const at::Tensor count = at::stack(updates).to(at::kDouble);
    std::vector<at::Tensor> direction =
        at::_foreach_div(square, (1 - at::pow(beta2_, count)).unbind());
    at::_foreach_sqrt_(direction);
    at::_foreach_add_(direction, epsilon_);
    at::_foreach_mul_(direction, (1 - at::pow(beta1_, count)).unbind());
    direction = at::_foreach_div(mean, direction);
    if (group.decay) {
      at::_foreach_add_(direction, group.weights, weight_decay);
      const at::Tensor of_weights = norms(group.weights), of_direction = norms(direction);
      const at::Tensor ratio = of_weights / of_direction;
      at::_foreach_mul_(direction, one_where_zero(ratio, of_weights, of_direction).unbind());
    }
    at::_foreach_add_(group.weights, direction, -lr);
  }

 private:
  double weight_decay_ = 0.01;
};

ESPALIER_REGISTER(Optimizer, Lamb, "lamb",
                  "Adam scaled to the norm of each tensor of weights, for large batches");

}  // namespace
}  // namespace espalier::optim
