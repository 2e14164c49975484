#include "tensor/feature_statistics.h"

#include <torch/torch.h>

#include <cmath>
#include <limits>

#include "core/error.h"

namespace espalier::tensor {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

// float64 on the host; undefined where a number is not finite or there is none.
at::Tensor prepared(const at::Tensor& features, int64_t dimensions) {
  check(features.dim() == dimensions, Kind::kBug, "features have {} dimensions, not {}",
        features.dim(), dimensions);
  const at::Tensor host = features.detach().to(torch::kCPU, torch::kDouble).contiguous();
  return host.numel() > 0 && host.isfinite().all().item<bool>() ? host : at::Tensor();
}

// Rows of length 1; a row of zeros stays one.
at::Tensor on_sphere(const at::Tensor& features) {
  const at::Tensor lengths = features.norm(2, -1, /*keepdim=*/true);
  return features / torch::where(lengths > 0, lengths, torch::ones_like(lengths));
}

double rank_of(const at::Tensor& spectrum) {
  const at::Tensor s = spectrum.clamp_min(0);
  const double sum = s.sum().item<double>();
  if (sum == 0) return 0;
  return std::exp(torch::special::entr(s / sum).sum().item<double>());
}

at::Tensor centred(const at::Tensor& features) { return features - features.mean(0, true); }

}  // namespace

double feature_deviation(const at::Tensor& features) {
  const at::Tensor x = prepared(features, 2);
  if (!x.defined() || x.size(0) < 2) return kUnknown;
  return on_sphere(x).std(0).mean().item<double>();
}

double isotropic_deviation(int64_t width) { return 1 / std::sqrt(static_cast<double>(width)); }

double rank_me(const at::Tensor& features) {
  const at::Tensor x = prepared(features, 2);
  return x.defined() ? rank_of(at::linalg_svdvals(x)) : kUnknown;
}

int64_t rank_bound(int64_t images, int64_t width) { return std::min(images, width); }

// Squared singular values of the centred rows are the eigenvalues, up to a factor.
double effective_rank(const at::Tensor& features) {
  const at::Tensor x = prepared(features, 2);
  if (!x.defined() || x.size(0) < 2) return kUnknown;
  return rank_of(at::linalg_svdvals(centred(x)).square());
}

double alpha_req(const at::Tensor& features) {
  const at::Tensor x = prepared(features, 2);
  if (!x.defined() || x.size(0) < 2) return kUnknown;
  const at::Tensor all = at::linalg_svdvals(centred(x)).square();
  const at::Tensor values = all.masked_select(all > 1e-10 * all[0]);
  if (values.size(0) < 2) return kUnknown;
  const at::Tensor j = torch::arange(1, values.size(0) + 1, torch::kDouble);
  const at::Tensor weight = j.reciprocal() / j.reciprocal().sum();
  const at::Tensor place = j.log() - (weight * j.log()).sum();
  const at::Tensor height = values.log() - (weight * values.log()).sum();
  return -((weight * place * height).sum() / (weight * place.square()).sum()).item<double>();
}

// The eigenvalues are squared singular values of the means in the coordinates in which Sw is the
// identity, so that no matrix of D x D is made of them and none is below 0.
double lidar(const at::Tensor& views, double delta) {
  const at::Tensor x = prepared(views, 3);
  if (!x.defined() || x.size(0) < 2 || x.size(1) < 2) return kUnknown;
  const at::Tensor means = x.mean(0);
  const at::Tensor around = (x - means).flatten(0, 1);
  const at::Tensor within = torch::mm(around.t(), around) / static_cast<double>(around.size(0));
  const auto [values, directions] =
      at::linalg_eigh(within + delta * torch::eye(x.size(2), within.options()));
  const at::Tensor whitened = torch::mm(centred(means), directions) * values.rsqrt();
  return rank_of(at::linalg_svdvals(whitened).square());
}

double alignment(const at::Tensor& views) {
  const at::Tensor x = prepared(views, 3);
  if (!x.defined() || x.size(0) != 2) return kUnknown;
  const at::Tensor sphere = on_sphere(x);
  return (sphere[0] - sphere[1]).square().sum(1).mean().item<double>();
}

double uniformity(const at::Tensor& features) {
  const at::Tensor x = prepared(features, 2);
  if (!x.defined() || x.size(0) < 2) return kUnknown;
  constexpr int64_t kAtOnce = 512;  // bounds the distances that are held
  const at::Tensor sphere = on_sphere(x), lengths = sphere.square().sum(1);
  const int64_t count = sphere.size(0);
  double sum = 0;
  for (int64_t first = 0; first < count; first += kAtOnce) {
    const int64_t rows = std::min(kAtOnce, count - first);
    const at::Tensor own = sphere.narrow(0, first, rows);
    const at::Tensor squared =
        lengths.narrow(0, first, rows).unsqueeze(1) + lengths - 2 * torch::mm(own, sphere.t());
    // Pairs once, and no image with itself.
    sum += (-2 * squared).exp().triu(first + 1).sum().item<double>();
  }
  const auto pairs = static_cast<double>(count) * static_cast<double>(count - 1) / 2;
  return std::log(sum / pairs);
}

}  // namespace espalier::tensor
