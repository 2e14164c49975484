// Maps of features as pictures.
#pragma once

#include <ATen/core/Tensor.h>

namespace espalier::tensor {

// The first three principal components of all places of all maps [N, H, W, D] together as red,
// green and blue, u8 [N, H, W, 3]: places of one colour have like features, in one image and across
// images (as Oquab et al., "DINOv2", 2023, figure 1). The lowest and highest 2 % of a component are
// cut off; the sign of a component is that of its largest weight. Grey where there is no variance,
// or a number is not finite. On the host, in float64.
at::Tensor principal_colours(const at::Tensor& maps);

}  // namespace espalier::tensor
