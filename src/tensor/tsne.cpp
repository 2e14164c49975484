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

// p(j | i) of one row of squared distances, by bisection of the precision.
std::vector<double> conditional(const double* squared, int64_t n, int64_t i, double perplexity) {
  std::vector<double> p(static_cast<size_t>(n));
  double precision = 1, low = 0, high = INFINITY;
  double nearest = INFINITY;
  for (int64_t j = 0; j < n; ++j)
    if (j != i) nearest = std::min(nearest, squared[j]);
  for (int step = 0; step < 100; ++step) {
    double sum = 0, mean = 0;
    for (int64_t j = 0; j < n; ++j) {
      const double distance = squared[j] - nearest;  // cancels in p
      const double value = j == i ? 0 : std::exp(-distance * precision);
      p[static_cast<size_t>(j)] = value;
      sum += value;
      mean += distance * value;
    }
    for (double& value : p) value /= sum;
    const double missing = std::log(sum) + precision * mean / sum - std::log(perplexity);
    if (std::abs(missing) < 1e-5) break;
    (missing > 0 ? low : high) = precision;
    precision = std::isinf(high) ? 2 * precision : (low + high) / 2;
  }
  return p;
}

// [n * n], the mean of both directions; sums to 1.
std::vector<double> joint(const at::Tensor& rows, double perplexity) {
  const auto n = rows.size(0);
  const at::Tensor squared = at::cdist(rows, rows).square().contiguous();
  std::vector<double> p(static_cast<size_t>(n * n));
  for (int64_t i = 0; i < n; ++i) {
    const auto row = conditional(squared.const_data_ptr<double>() + i * n, n, i, perplexity);
    for (int64_t j = 0; j < n; ++j)
      for (const int64_t at : {i * n + j, j * n + i})
        p[static_cast<size_t>(at)] += row[static_cast<size_t>(j)] / static_cast<double>(2 * n);
  }
  for (double& value : p) value = std::max(value, kLeast);
  return p;
}

// Sets the gradient of KL(exaggeration * P || Q); returns KL(P || Q).
double descend(const std::vector<double>& p, const Points& y, double exaggeration, Points& slope) {
  const size_t n = y.size();
  std::vector<double> near(n * n);  // (1 + |y_i - y_j|^2)^-1
  double sum = 0, divergence = 0;
  for (size_t i = 0; i < n; ++i)
    for (size_t j = 0; j < i; ++j) {
      const double a = y[i][0] - y[j][0], b = y[i][1] - y[j][1];
      near[i * n + j] = 1 / (1 + a * a + b * b);
      sum += 2 * near[i * n + j];
    }
  std::ranges::fill(slope, std::array<double, 2>{});
  for (size_t i = 0; i < n; ++i)
    for (size_t j = 0; j < i; ++j) {
      const double one = p[i * n + j], other = std::max(near[i * n + j] / sum, kLeast);
      divergence += 2 * one * std::log(one / other);
      const double pull = 4 * (exaggeration * one - other) * near[i * n + j];
      for (size_t k = 0; k < 2; ++k) {
        const double part = pull * (y[i][k] - y[j][k]);
        slope[i][k] += part;
        slope[j][k] -= part;
      }
    }
  return divergence;
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
  const auto p = joint(x, std::min(perplexity, (n - 1) / 3));
  const double rate = std::max(n / kExaggeration / 4, 50.0);
  Points y = beginning(x), slope(y.size()), move(y.size()), gain(y.size(), {1, 1});
  for (int step = 0; step < kSteps; ++step) {
    const bool early = step < kExaggerated;
    descend(p, y, early ? kExaggeration : 1, slope);
    for (size_t i = 0; i < y.size(); ++i)
      for (size_t k = 0; k < 2; ++k) {
        const bool turns = slope[i][k] * move[i][k] >= 0;  // against the last move
        gain[i][k] = std::max(turns ? gain[i][k] * 0.8 : gain[i][k] + 0.2, kLeastGain);
        move[i][k] = (early ? 0.5 : 0.8) * move[i][k] - rate * gain[i][k] * slope[i][k];
        y[i][k] += move[i][k];
      }
  }
  Plane plane{torch::empty({x.size(0), 2}, torch::kDouble), descend(p, y, 1, slope)};
  std::copy_n(y.data()->data(), 2 * y.size(), plane.points.mutable_data_ptr<double>());
  return plane;
}

}  // namespace espalier::tensor
