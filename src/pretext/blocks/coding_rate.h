// How many bits features need: large where they fill their space, 0 where they are all 0 (Yu et
// al., "Learning diverse and discriminative representations via the principle of maximal coding
// rate reduction", NeurIPS 2020, eq. 7).
#pragma once

#include <ATen/core/Tensor.h>

#include "pretext/task.h"

namespace espalier::pretext {

// Of z [N, D]: R = 1/2 logdet(I + D / (N distortion) z^T z), in nats. Parts are ranges of the
// diagonal of the Cholesky factor; they sum to R.
at::Tensor coding_rate(const at::Tensor& z, double distortion, const Part& part);

}  // namespace espalier::pretext
