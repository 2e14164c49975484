#include "optim/adam.h"

#include <ATen/ATen.h>
#include <ATen/ops/_fused_adamw.h>

namespace espalier::optim {
namespace {

constexpr const char* kUpdates = "updates";  // one number a parameter

}  // namespace

Fields AdamFamily::fields() {
  return {{"beta1",
           &beta1_,
           {.min = 0, .max = 0.999999, .help = "decay per step of the mean of gradients"}},
          {"beta2",
           &beta2_,
           {.min = 0, .max = 0.999999, .help = "decay per step of the mean of squared gradients"}},
          {"epsilon",
           &epsilon_,
           {.min = 0, .max = 1, .help = "added to the root of the mean of squared gradients"}}};
}

std::vector<std::string> AdamFamily::state_names(const Group&) const {
  return {"mean", "square", kUpdates};
}

at::Tensor AdamFamily::initial_state(const std::string& name, const at::Tensor& weight) const {
  return name == kUpdates ? at::zeros({}, weight.options().dtype(at::kFloat))
                          : Optimizer::initial_state(name, weight);
}

void AdamFamily::update(Group& group, State& state, double lr, double weight_decay) {
  for (at::Tensor& updates : state[2]) updates.add_(1);
  at::_fused_adamw_(group.weights, group.gradients, state[0], state[1], {}, state[2], lr, beta1_,
                    beta2_, weight_decay, epsilon_, /*amsgrad=*/false, /*maximize=*/false);
}

}  // namespace espalier::optim
