#include "tensor/transferability.h"

#include <torch/torch.h>

#include <cmath>
#include <limits>
#include <numbers>

namespace espalier::tensor {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();
constexpr int kMostSteps = 1000;
constexpr double kSettled = 1e-10;  // relative change of the precisions' ratio

// Undefined where a number is not finite.
at::Tensor prepared(const at::Tensor& features) {
  const at::Tensor x = features.detach().to(torch::kCPU, torch::kDouble);
  return x.numel() > 0 && x.isfinite().all().item<bool>() ? x : at::Tensor();
}

// Of one class: `sigma` are the squared singular values, `squared` those of the class's coordinates
// along the left singular vectors, `rest` what lies outside of them.
double evidence(const at::Tensor& sigma, const at::Tensor& squared, double rest, double count) {
  double alpha = 1, beta = 1, m2 = 0, residual = 0;
  for (int step = 0; step < kMostSteps; ++step) {
    const double ratio = alpha / beta;
    const at::Tensor weight = sigma + ratio;
    const double used = (sigma / weight).sum().item<double>();
    m2 = (sigma * squared / weight.square()).sum().item<double>();
    residual = (squared * (ratio / weight).square()).sum().item<double>() + rest;
    // The smallest numbers keep a class that is fitted exactly finite.
    alpha = used / std::max(m2, 1e-300);
    beta = (count - used) / std::max(residual, 1e-300);
    if (std::abs(alpha / beta - ratio) <= kSettled * ratio) break;
  }
  const auto rank = static_cast<double>(sigma.numel());
  return (rank / 2 * std::log(alpha) + count / 2 * std::log(beta) -
          (alpha + beta * sigma).log().sum().item<double>() / 2 - beta / 2 * residual -
          alpha / 2 * m2 - count / 2 * std::log(2 * std::numbers::pi)) /
         count;
}

}  // namespace

double log_me(const at::Tensor& features, const at::Tensor& classes, int64_t class_count) {
  const at::Tensor x = prepared(features);
  if (!x.defined()) return kUnknown;
  const auto [u, s, v] = at::linalg_svd(x, /*full_matrices=*/false);
  const at::Tensor y = torch::one_hot(classes.cpu(), class_count).to(torch::kDouble);
  const at::Tensor squared = torch::mm(u.t(), y).square();
  double sum = 0;
  for (int64_t c = 0; c < class_count; ++c) {
    const at::Tensor own = squared.select(1, c);
    const double rest = (y.select(1, c).square().sum() - own.sum()).clamp_min(0).item<double>();
    sum += evidence(s.square(), own, rest, static_cast<double>(x.size(0)));
  }
  return sum / static_cast<double>(class_count);
}

// With U the left singular vectors of the centred features, cov(f)^+ makes of f the rows of U.
double h_score(const at::Tensor& features, const at::Tensor& classes, int64_t class_count) {
  const at::Tensor x = prepared(features);
  if (!x.defined()) return kUnknown;
  const auto [u, s, v] = at::linalg_svd(x - x.mean(0, true), /*full_matrices=*/false);
  const double least = s[0].item<double>() * static_cast<double>(std::max(x.size(0), x.size(1))) *
                       std::numeric_limits<double>::epsilon();
  const at::Tensor rows = u.index({torch::indexing::Slice(), s > least});
  const at::Tensor y = torch::one_hot(classes.cpu(), class_count).to(torch::kDouble);
  const at::Tensor sums = torch::mm(y.t(), rows);
  const at::Tensor counts = y.sum(0).clamp_min(1);  // of a class without images the sum is 0
  return (sums.square().sum(1) / counts).sum().item<double>();
}

}  // namespace espalier::tensor
