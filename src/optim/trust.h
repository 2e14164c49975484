// What optimizers that adapt a tensor's rate to norms share (LARS, LAMB). On a device nothing waits
// for a number.
#pragma once

#include <ATen/ATen.h>

#include <vector>

namespace espalier::optim {

// The 2-norm of each tensor, [n] in float64.
inline at::Tensor norms(const std::vector<at::Tensor>& tensors) {
  return at::stack(at::_foreach_norm(tensors, 2)).to(at::kDouble);
}

// `ratio`, but 1 where either norm is zero.
inline at::Tensor one_where_zero(const at::Tensor& ratio, const at::Tensor& a,
                                 const at::Tensor& b) {
  return ratio.masked_fill(a.eq(0).logical_or(b.eq(0)), 1);
}

}  // namespace espalier::optim
