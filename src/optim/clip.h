// Clipping of the gradient's norm (Pascanu et al., "On the difficulty of training recurrent neural
// networks", ICML 2013, algorithm 1).
#pragma once

#include <ATen/core/Tensor.h>

#include <vector>

namespace espalier::optim {

// Scales `gradients` so that their common 2-norm is at most `norm`; returns the norm before, a
// scalar. Parameter by parameter, so that the bits do not depend on how gradients lie in memory; on
// a device nothing waits for it.
at::Tensor clip(const std::vector<at::Tensor>& gradients, double norm);

}  // namespace espalier::optim
