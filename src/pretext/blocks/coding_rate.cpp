#include "pretext/blocks/coding_rate.h"

#include <torch/torch.h>

namespace espalier::pretext {

at::Tensor coding_rate(const at::Tensor& z, double distortion, const Part& part) {
  const int64_t width = z.size(1);
  const double scale = static_cast<double>(width) / (static_cast<double>(z.size(0)) * distortion);
  const at::Tensor matrix = torch::eye(width, z.options()) + scale * torch::mm(z.t(), z);
  // Does not throw where the features are not finite: the step is judged elsewhere.
  const at::Tensor factor = std::get<0>(at::linalg_cholesky_ex(matrix));
  return factor.diagonal().slice(0, part.first(width), part.last(width)).log().sum();
}

}  // namespace espalier::pretext
