#include "pretext/blocks/sinkhorn.h"

#include <torch/torch.h>

namespace espalier::pretext {

at::Tensor sinkhorn(const at::Tensor& scores, double epsilon, int64_t iterations) {
  const torch::NoGradGuard no_grad;
  // A factor common to all is scaled away; the largest score keeps exp() finite.
  at::Tensor codes = ((scores - scores.max()) / epsilon).exp();
  for (int64_t i = 0; i < iterations; ++i) {
    codes = codes / codes.sum(0, /*keepdim=*/true);
    codes = codes / codes.sum(1, /*keepdim=*/true);
  }
  return codes;
}

}  // namespace espalier::pretext
