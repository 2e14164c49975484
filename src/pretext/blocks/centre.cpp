#include "pretext/blocks/centre.h"

#include <torch/torch.h>

namespace espalier::pretext {

CentreImpl::CentreImpl(int64_t width, double momentum)
    : momentum_(momentum), value_(register_buffer("value", torch::zeros({width}))) {}

at::Tensor CentreImpl::sharpened(const at::Tensor& scores, double temperature) const {
  return ((scores - value_.to(scores.scalar_type())) / temperature).softmax(-1);
}

at::Tensor CentreImpl::sums(const at::Tensor& scores) {
  return torch::cat({scores.sum(0), torch::full({1}, scores.size(0), scores.options())});
}

void CentreImpl::move(const at::Tensor& sums) {
  const int64_t width = value_.size(0);
  const at::Tensor rows = sums[width];
  const at::Tensor mean = sums.narrow(0, 0, width) / rows.clamp_min(1);
  value_.lerp_(torch::where(rows > 0, mean, value_), 1 - momentum_);
}

double CentreImpl::norm() const { return value_.norm().item<double>(); }

}  // namespace espalier::pretext
