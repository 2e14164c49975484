// Clipping of the gradient's norm (Pascanu et al., "On the difficulty of training recurrent neural
// networks", ICML 2013, algorithm 1).
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace espalier::optim {

// Their common 2-norm, a scalar. Parameter by parameter, so that the bits do not depend on how
// gradients lie in memory; on a device nothing waits for it.
at::Tensor norm_of(const std::vector<at::Tensor>& gradients);

// Scales `gradients`, whose norm is `norm`, so that it is at most `most`.
void clip(const std::vector<at::Tensor>& gradients, double norm, double most);

}  // namespace espalier::optim
