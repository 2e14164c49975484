#include "pretext/blocks/koleo.h"

#include <torch/torch.h>

namespace espalier::pretext {

at::Tensor koleo(const at::Tensor& x, int64_t first, int64_t last) {
  constexpr double kEpsilon = 1e-8;  // equal rows have a distance too
  const at::Tensor rows = torch::nn::functional::normalize(
      x, torch::nn::functional::NormalizeFuncOptions().dim(1).eps(kEpsilon));
  const at::Tensor own = rows.slice(0, first, last);
  const at::Tensor nearest = [&] {
    const torch::NoGradGuard no_grad;
    const at::Tensor self = torch::arange(first, last, x.options().dtype(torch::kLong));
    return torch::mm(own, rows.t()).scatter(1, self.unsqueeze(1), -2).argmax(1);
  }();
  const at::Tensor distance = (own - rows.index_select(0, nearest) + kEpsilon).norm(2, 1);
  return -(distance + kEpsilon).log().sum();
}

}  // namespace espalier::pretext
