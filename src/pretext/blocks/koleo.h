// Keeps features apart: the Kozachenko-Leonenko estimate of their entropy (Sablayrolles et al.,
// "Spreading vectors for similarity search", ICLR 2019, section 3.1), as DINOv2 uses it.
#pragma once

#include <ATen/core/Tensor.h>

namespace espalier::pretext {

// The sum over rows [first, last) of -log of the distance to the nearest other row. Rows of x
// [N, D] are scaled to length 1; N is at least 2.
at::Tensor koleo(const at::Tensor& x, int64_t first, int64_t last);

}  // namespace espalier::pretext
