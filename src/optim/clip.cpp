#include "optim/clip.h"

#include <ATen/ATen.h>

namespace espalier::optim {

at::Tensor norm_of(const std::vector<at::Tensor>& gradients) {
  const at::NoGradGuard no_grad;
  if (gradients.empty()) return at::zeros({}, at::kDouble);
  return at::stack(at::_foreach_norm(gradients, 2)).to(at::kDouble).square().sum().sqrt();
}

void clip(const std::vector<at::Tensor>& gradients, double norm, double most) {
  const at::NoGradGuard no_grad;
  const double factor = most / (norm + 1e-12);
  if (factor >= 1) return;
  for (at::Tensor gradient : gradients) gradient.mul_(factor);
}

}  // namespace espalier::optim
