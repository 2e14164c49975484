#include "tensor/principal_colours.h"

#include <torch/torch.h>

namespace espalier::tensor {
namespace {

constexpr int64_t kColours = 3;

// Unit columns [D, at most 3], that of the largest variance first.
at::Tensor principal_directions(const at::Tensor& centred) {
  const auto [variances, directions] = at::linalg_eigh(torch::mm(centred.t(), centred));
  const int64_t count = std::min(kColours, centred.size(1));
  const at::Tensor first = directions.flip(1).narrow(1, 0, count);
  const at::Tensor largest = first.gather(0, first.abs().argmax(0, /*keepdim=*/true));
  return first * largest.sign();
}

}  // namespace

at::Tensor principal_colours(const at::Tensor& maps) {
  const at::Tensor host = maps.detach().to(torch::kCPU, torch::kDouble);
  const at::Tensor rows = host.reshape({-1, host.size(3)});
  at::Tensor colours = torch::full({rows.size(0), kColours}, 0.5, torch::kDouble);
  if (rows.isfinite().all().item<bool>()) {
    const at::Tensor centred = rows - rows.mean(0);
    const at::Tensor scores = torch::mm(centred, principal_directions(centred));
    const at::Tensor low = scores.quantile(0.02, 0), high = scores.quantile(0.98, 0);
    for (int64_t c = 0; c < scores.size(1); ++c) {
      const auto range = (high[c] - low[c]).item<double>();
      if (range > 1e-12 * rows.abs().max().item<double>())
        colours.select(1, c).copy_((scores.select(1, c) - low[c]) / range);
    }
  }
  return (colours.clamp(0, 1) * 255)
      .round()
      .to(torch::kByte)
      .view({host.size(0), host.size(1), host.size(2), kColours});
}

}  // namespace espalier::tensor
