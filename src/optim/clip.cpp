#include "optim/clip.h"

#include <ATen/ATen.h>

namespace espalier::optim {

at::Tensor clip(const std::vector<at::Tensor>& gradients, double norm) {
  const at::NoGradGuard no_grad;
  if (gradients.empty()) return at::zeros({}, at::kDouble);
  const at::Tensor norms = at::stack(at::_foreach_norm(gradients, 2)).to(at::kDouble);
  const at::Tensor whole = norms.square().sum().sqrt();
  const at::Tensor factor = (norm / (whole + 1e-12)).clamp_max(1);
  for (at::Tensor gradient : gradients) gradient.mul_(factor.to(gradient.scalar_type()));
  return whole;
}

}  // namespace espalier::optim
