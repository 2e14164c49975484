#include "image/blur.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "core/error.h"
#include "image/box_filter.h"
#include "image/geometry.h"
#include "image/kernel_filter.h"

namespace espalier::image {
namespace {

// Of the box that has the variance of a Gaussian when applied three times, as Pillow computes it.
float box_radius(float sigma) {
  const float variance = sigma * sigma / 3;
  const float length = static_cast<float>(std::sqrt(12.0 * variance + 1.0));
  const float whole = static_cast<float>(std::floor((length - 1.0) / 2.0));
  float rest = (2 * whole + 1) * (whole * (whole + 1) - 3 * variance);
  rest /= 6 * (variance - (whole + 1) * (whole + 1));
  return whole + rest;
}

}  // namespace

void gaussian_blur(const Pixels& from, double sigma, Image& to) {
  const float radius = box_radius(static_cast<float>(sigma));
  if (radius == 0) return copy(from, to);
  const uint32_t whole = static_cast<uint32_t>(radius);
  const uint32_t weight = static_cast<uint32_t>(static_cast<float>(1 << 24) / (radius * 2 + 1));
  const uint32_t edge_weight = ((1u << 24) - (2 * whole + 1) * weight) / 2;
  apply_thrice({whole, weight, edge_weight}, from, to);
}

void gaussian_kernel_blur(const Pixels& from, int64_t kernel, double sigma, Image& to) {
  const int64_t reach = kernel / 2, least = std::min(from.height, from.width);
  check(kernel % 2 == 1 && kernel > 0 && sigma > 0, Kind::kUsage,
        "a Gaussian of {} taps and sigma {}: an odd count and a sigma above 0 are needed", kernel,
        sigma);
  check(reach < least, Kind::kUsage, "{} taps cannot be mirrored in an image of {} x {}", kernel,
        from.height, from.width);
  thread_local std::vector<float> weights;
  weights.resize(static_cast<size_t>(kernel));
  double sum = 0;
  const auto value = [&](int64_t t) {
    const double x = static_cast<double>(t - reach) / sigma;
    return std::exp(-0.5 * x * x);
  };
  for (int64_t t = 0; t < kernel; ++t) sum += value(t);
  for (int64_t t = 0; t < kernel; ++t) weights[t] = static_cast<float>(value(t) / sum);
  convolve(from, weights, to);
}

}  // namespace espalier::image
