// LARS (You et al., "Large batch training of convolutional networks", 2017, algorithm 1): SGD with
// momentum whose rate is, for each tensor, in proportion to the norm of its weights:
//   r <- trust * |w| / (|g| + weight_decay * |w| + 1e-8)
//   v <- momentum * v + r * (g + weight_decay * w);  w <- w - lr * v
// Momentum is PyTorch's, as in SimCLR, lightly and solo-learn: the paper has lr within v. r is 1
// where either norm is zero, and for groups that do not decay (biases, normalisation: SimCLR,
// section B.6). lightly also leaves all others alone where weight_decay is 0; here they adapt.
// With clip_lr r is min(r / lr, 1), lr being the rate of the step, as in solo-learn's recipes
// (LARC): no tensor moves faster than plain SGD would.
#include <ATen/ATen.h>

#include "optim/optimizer.h"
#include "optim/trust.h"

namespace espalier::optim {
namespace {

class Lars : public Optimizer {
 public:
  Fields fields() override {
    return {{"momentum",
             &momentum_,
             {.min = 0, .max = 1, .help = "share of the last update that the next one keeps"}},
            {"weight_decay",
             &weight_decay_,
             {.min = 0,
              .max = 10,
              .help = "factor of the weights that is added to their gradient (L2 penalty)"}},
            {"trust",
             &trust_,
             {.min = 0,
              .max = 1,
              .help = "length of an update at optim.lr=1, as a share of the weights' norm"}},
            {"clip_lr",
             &clip_lr_,
             {.help = "whether no tensor may move faster than it would without the adaptation"}}};
  }
  double weight_decay() const override { return weight_decay_; }

 protected:
  std::vector<std::string> state_names(const Group&) const override { return {"momentum"}; }

  void update(Group& group, State& state, double lr, double weight_decay) override {
    const std::vector<at::Tensor>& velocity = state[0];
    std::vector<at::Tensor> gradients = group.gradients;
    if (group.decay) {
      const at::Tensor rates = adapted(group, lr, weight_decay);
      gradients = at::_foreach_add(gradients, group.weights, weight_decay);
      at::_foreach_mul_(gradients, rates.unbind());
    }
    at::_foreach_mul_(velocity, momentum_);
    at::_foreach_add_(velocity, gradients);
    at::_foreach_add_(group.weights, velocity, -lr);
  }

 private:
  // r of each tensor.
  at::Tensor adapted(const Group& group, double lr, double weight_decay) const {
    const at::Tensor of_weights = norms(group.weights), of_gradients = norms(group.gradients);
    at::Tensor rates = trust_ * of_weights / (of_gradients + weight_decay * of_weights + 1e-8);
    if (clip_lr_ && lr > 0) rates = (rates / lr).clamp_max(1);
    return one_where_zero(rates, of_weights, of_gradients);
  }

  double momentum_ = 0.9;
  double weight_decay_ = 1e-6;
  double trust_ = 0.001;
  bool clip_lr_ = false;
};

ESPALIER_REGISTER(Optimizer, Lars, "lars",
                  "SGD whose rate follows the norm of each tensor of weights, for large batches");

}  // namespace
}  // namespace espalier::optim
