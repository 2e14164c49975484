#include "tensor/similarity.h"

#include <torch/torch.h>

#include <limits>

#include "core/error.h"

namespace espalier::tensor {
namespace {

at::Tensor centred(const at::Tensor& features) {
  const at::Tensor x = features.detach().to(torch::kCPU, torch::kDouble);
  return x - x.mean(0, /*keepdim=*/true);
}

// |A'B|, by the smaller of two products: |A'B|^2 = sum of AA' * BB'.
double squared_product(const at::Tensor& a, const at::Tensor& b) {
  if (a.size(0) < std::min(a.size(1), b.size(1)))
    return (torch::mm(a, a.t()) * torch::mm(b, b.t())).sum().item<double>();
  return torch::mm(a.t(), b).square().sum().item<double>();
}

}  // namespace

double linear_cka(const at::Tensor& x, const at::Tensor& y) {
  check(x.dim() == 2 && y.dim() == 2 && x.size(0) == y.size(0), Kind::kBug,
        "features of {} and of {} images are compared", x.size(0), y.size(0));
  const at::Tensor a = centred(x), b = centred(y);
  const double own = std::sqrt(squared_product(a, a)) * std::sqrt(squared_product(b, b));
  if (!(own > 0)) return std::numeric_limits<double>::quiet_NaN();
  return squared_product(a, b) / own;
}

}  // namespace espalier::tensor
