// Muon (Jordan et al., "Muon: an optimizer for hidden layers in neural networks", 2024) for hidden
// matrices and filters [out, in, kh, kw], which it reads as matrices [out, in * kh * kw]:
//   m <- momentum * m + (1 - momentum) * g;  u <- nesterov ? lerp(g, m, momentum) : m
//   w <- w - lr * weight_decay * w - lr * 0.2 * sqrt(max(rows, columns)) * orthogonal(u)
// Everything else (vectors, the backbone's first stage, all that is the task's own) moves by AdamW.
//
// The factor 0.2 sqrt(max(.)) gives an update the size that AdamW's has (Liu et al., "Muon is
// scalable for LLM training", 2025, section 2.2), so that one rate and one decay serve both parts:
// torch.optim.Muon with adjust_lr_fn="match_rms_adamw". Differences to that class: it takes
// matrices only and no filters; its Newton-Schulz iteration runs in bfloat16, here in the type of
// the weights.
#include <ATen/ATen.h>

#include <cmath>

#include "optim/adam.h"

namespace espalier::optim {
namespace {

// Five steps of the quintic Newton-Schulz iteration: singular values go to about 1.
at::Tensor orthogonal(const at::Tensor& matrix) {
  constexpr double kA = 3.4445, kB = -4.7750, kC = 2.0315, kEpsilon = 1e-7;
  const bool tall = matrix.size(0) > matrix.size(1);
  at::Tensor x = tall ? matrix.t() : matrix;
  x = x / x.norm().clamp_min(kEpsilon);
  for (int64_t step = 0; step < 5; ++step) {
    const at::Tensor gram = x.mm(x.t());
    x = at::addmm(x, at::addmm(gram, gram, gram, kB, kC), x, kA, 1);
  }
  return tall ? x.t() : x;
}

class Muon : public AdamFamily {
 public:
  Fields fields() override {
    Fields fields = AdamFamily::fields();
    for (Field& field : fields) field.info.help += ", of what moves by AdamW";
    fields.push_back({"momentum",
                      &momentum_,
                      {.min = 0,
                       .max = 0.999999,
                       .help = "decay per step of the mean of gradients, of hidden matrices"}});
    fields.push_back({"nesterov",
                      &nesterov_,
                      {.help = "take the gradient where the momentum leads (Nesterov), not where "
                               "the weights are"}});
    fields.push_back({"weight_decay",
                      &weight_decay_,
                      {.min = 0,
                       .max = 10,
                       .help = "share of a weight, times the learning rate, that each step takes "
                               "away"}});
    return fields;
  }
  double weight_decay() const override { return weight_decay_; }

 protected:
  std::vector<std::string> state_names(const Group& group) const override {
    if (!group.hidden) return AdamFamily::state_names(group);
    return {"momentum"};
  }

  void update(Group& group, State& state, double lr, double weight_decay) override {
    if (!group.hidden) return AdamFamily::update(group, state, lr, weight_decay);
    const std::vector<at::Tensor>& momentum = state[0];
    at::_foreach_lerp_(momentum, group.gradients, 1 - momentum_);
    at::_foreach_mul_(group.weights, 1 - lr * weight_decay);
    for (size_t i = 0; i < momentum.size(); ++i) {
      const at::Tensor way =
          nesterov_ ? group.gradients[i].lerp(momentum[i], momentum_) : momentum[i];
      const at::Tensor matrix = way.flatten(1);
      const auto longest = static_cast<double>(std::max(matrix.size(0), matrix.size(1)));
      group.weights[i].add_(orthogonal(matrix).reshape(way.sizes()),
                            -lr * 0.2 * std::sqrt(longest));
    }
  }

 private:
  double momentum_ = 0.95;
  bool nesterov_ = true;
  double weight_decay_ = 0.1;
};

ESPALIER_REGISTER(Optimizer, Muon, "muon",
                  "orthogonal updates of hidden matrices and filters, AdamW for the rest");

}  // namespace
}  // namespace espalier::optim
