#include "tensor/tsne.h"

#include <torch/torch.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

namespace espalier::tensor {
namespace {

using Points = std::vector<std::array<double, 2>>;

constexpr double kLeast = 1e-12;  // of p and q, which have logarithms
constexpr int kSteps = 1000, kExaggerated = 250;
constexpr double kExaggeration = 12, kBegin = 1e-4, kLeastGain = 0.01;

// p, [N, N], symmetric; sums to 1. The width of each row is found by bisection.
at::Tensor joint(const at::Tensor& rows, double perplexity) {
  const auto n = rows.size(0);
  const at::Tensor own = torch::eye(n, torch::kDouble);
  at::Tensor far = at::cdist(rows, rows).square();
  far = far / far.mean().clamp_min(1e-300);
  far = (far - (far + 1e9 * own).amin(1, /*keepdim=*/true)) * (1 - own);  // cancels in p
  at::Tensor low = torch::full({n, 1}, -60.0, torch::kDouble), high = -low, p;
  for (int step = 0; step < 50; ++step) {
    const at::Tensor middle = (low + high) / 2, precision = middle.exp2();
    p = (-far * precision).exp() * (1 - own);
    const at::Tensor sum = p.sum(1, /*keepdim=*/true);
    p = p / sum;
    const at::Tensor entropy = sum.log() + precision * (p * far).sum(1, /*keepdim=*/true);
    const at::Tensor wide = entropy > std::log(perplexity);
    low = torch::where(wide, middle, low);
    high = torch::where(wide, high, middle);
  }
  return ((p + p.t()) / static_cast<double>(2 * n)).clamp_min(kLeast).contiguous();
}

// (1 + |y_i - y_j|^2)^-1 of j < i, at [i * n + j], and their sum over all pairs.
struct Similar {
  explicit Similar(const Points& y) : near(y.size() * y.size()) {
    for (size_t i = 0; i < y.size(); ++i)
      for (size_t j = 0; j < i; ++j) {
        const double a = y[i][0] - y[j][0], b = y[i][1] - y[j][1];
        sum += 2 * (near[i * y.size() + j] = 1 / (1 + a * a + b * b));
      }
  }
  std::vector<double> near;
  double sum = 0;
};

// Of KL(exaggeration * P || Q).
Points gradient(const double* p, const Points& y, double exaggeration) {
  const size_t n = y.size();
  const Similar similar(y);
  Points slope(n);
  for (size_t i = 0; i < n; ++i)
    for (size_t j = 0; j < i; ++j) {
      const double near = similar.near[i * n + j];
      const double pull = 4 * (exaggeration * p[i * n + j] - near / similar.sum) * near;
      for (size_t k = 0; k < 2; ++k) {
        const double part = pull * (y[i][k] - y[j][k]);
        slope[i][k] += part;
        slope[j][k] -= part;
      }
    }
  return slope;
}

double divergence(const double* p, const Points& y) {
  const Similar similar(y);
  double sum = 0;
  for (size_t i = 0; i < y.size(); ++i)
    for (size_t j = 0; j < i; ++j) {
      const size_t at = i * y.size() + j;
      sum += 2 * p[at] * std::log(p[at] / std::max(similar.near[at] / similar.sum, kLeast));
    }
  return sum;
}

// The first two principal components, small.
Points beginning(const at::Tensor& rows) {
  const auto [u, s, v] = at::linalg_svd(rows - rows.mean(0, true), /*full_matrices=*/false);
  at::Tensor first = torch::zeros({rows.size(0), 2}, torch::kDouble);
  const auto count = std::min<int64_t>(2, s.size(0));
  first.narrow(1, 0, count).copy_((u * s).narrow(1, 0, count));
  first = first / first.select(1, 0).std(/*unbiased=*/false).clamp_min(kLeast) * kBegin;
  Points points;
  for (int64_t i = 0; i < rows.size(0); ++i)
    points.push_back({first[i][0].item<double>(), first[i][1].item<double>()});
  return points;
}

}  // namespace

Plane tsne(const at::Tensor& rows, double perplexity) {
  const at::Tensor x = rows.to(torch::kDouble).contiguous();
  const auto n = static_cast<double>(x.size(0));
  const at::Tensor similar = joint(x, std::min(perplexity, (n - 1) / 3));
  const auto* p = similar.const_data_ptr<double>();
  const double rate = std::max(n / kExaggeration / 4, 50.0);
  Points y = beginning(x), move, gain;
  for (int step = 0; step < kSteps; ++step) {
    const bool early = step < kExaggerated;
    if (step == 0 || step == kExaggerated) {
      move.assign(y.size(), {});
      gain.assign(y.size(), {1, 1});
    }
    const Points slope = gradient(p, y, early ? kExaggeration : 1);
    for (size_t i = 0; i < y.size(); ++i)
      for (size_t k = 0; k < 2; ++k) {
        const bool goes_on = slope[i][k] * move[i][k] < 0;
        gain[i][k] = std::max(goes_on ? gain[i][k] + 0.2 : gain[i][k] * 0.8, kLeastGain);
        move[i][k] = (early ? 0.5 : 0.8) * move[i][k] - rate * gain[i][k] * slope[i][k];
        y[i][k] += move[i][k];
      }
  }
  Plane plane{torch::empty({x.size(0), 2}, torch::kDouble), divergence(p, y)};
  std::copy_n(y.data()->data(), 2 * y.size(), plane.points.mutable_data_ptr<double>());
  return plane;
}

}  // namespace espalier::tensor
