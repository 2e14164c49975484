// Adam with decoupled weight decay (Loshchilov & Hutter 2019, algorithm 2). With weight_decay 0 it
// is Adam (Kingma & Ba 2015, algorithm 1).
#include <ATen/ATen.h>
#include <ATen/ops/_fused_adamw.h>

#include "optim/optimizer.h"

namespace espalier::optim {
namespace {

class AdamW : public Optimizer {
 public:
  Fields fields() override {
    return {
        {"beta1", &beta1_, {.min = 0, .max = 0.999999, .help = "decay of the mean of gradients"}},
        {"beta2",
         &beta2_,
         {.min = 0, .max = 0.999999, .help = "decay of the mean of squared gradients"}},
        {"epsilon", &epsilon_, {.min = 0, .help = "added to the root of the second mean"}},
        {"weight_decay", &weight_decay_, {.min = 0, .help = "decoupled decay of weights"}}};
  }

 protected:
  std::vector<std::string> state_names() const override { return {"mean", "square"}; }

  void update(Group& group, std::vector<std::vector<at::Tensor>>& state, double lr,
              int64_t number) override {
    const std::vector<at::Tensor> steps(group.weights.size(),
                                        at::scalar_tensor(static_cast<double>(number), at::kFloat));
    at::_fused_adamw_(group.weights, group.gradients, state[0], state[1], {}, steps, lr, beta1_,
                      beta2_, group.decay ? weight_decay_ : 0, epsilon_, /*amsgrad=*/false,
                      /*maximize=*/false);
  }

 private:
  double beta1_ = 0.9;
  double beta2_ = 0.999;
  double epsilon_ = 1e-8;
  double weight_decay_ = 0.01;
};

ESPALIER_REGISTER(Optimizer, AdamW, "adamw", "Adam with decoupled weight decay");

}  // namespace
}  // namespace espalier::optim
