// How alike two representations of the same images are.
#pragma once

#include <ATen/core/Tensor.h>

namespace espalier::tensor {

// Linear CKA of [N, D] and [N, E], rows of the same N images: |Y'X|^2 / (|X'X| |Y'Y|) in Frobenius
// norms of centred features (Kornblith et al., "Similarity of neural network representations
// revisited", ICML 2019, section 3 and eq. 4). 1 where one is the other turned and scaled, near 0
// where they have nothing in common; it rises with D / N also for random features, so look at the
// same N. In float64 on the host. NaN where features are not finite, or all rows of one are alike.
double linear_cka(const at::Tensor& x, const at::Tensor& y);

}  // namespace espalier::tensor
