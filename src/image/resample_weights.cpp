#include "image/resample_weights.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace espalier::image {
namespace {

double sinc(double x) {
  if (x == 0) return 1;
  x *= std::numbers::pi;
  return std::sin(x) / x;
}

double support_of(Filter filter) {
  switch (filter) {
    case Filter::kBox:
      return 0.5;
    case Filter::kBilinear:
      return 1;
    case Filter::kBicubic:
      return 2;
    case Filter::kLanczos:
      return 3;
  }
  return 0;
}

double value_of(Filter filter, double x) {
  const double distance = std::abs(x);
  switch (filter) {
    case Filter::kBox:
      return x > -0.5 && x <= 0.5 ? 1 : 0;
    case Filter::kBilinear:
      return distance < 1 ? 1 - distance : 0;
    case Filter::kBicubic:  // Keys (1981) with a = -1/2
      if (distance < 1) return (1.5 * distance - 2.5) * distance * distance + 1;
      if (distance < 2) return (((distance - 5) * distance + 8) * distance - 4) * -0.5;
      return 0;
    case Filter::kLanczos:
      return -3 <= x && x < 3 ? sinc(x) * sinc(x / 3) : 0;
  }
  return 0;
}

}  // namespace

void compute_weights(int64_t from, int64_t to, Filter filter, ResampleWeights& weights) {
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  const double widening = std::max(scale, 1.0);
  const double inverse = 1.0 / widening;
  const double support = support_of(filter) * widening;
  weights.runs.clear();
  weights.most = static_cast<int64_t>(std::ceil(support)) * 2 + 1;
  weights.values.resize(static_cast<size_t>(to * weights.most));
  thread_local std::vector<double> exact;
  exact.resize(static_cast<size_t>(weights.most));
  for (int64_t place = 0; place < to; ++place) {
    const double center = (static_cast<double>(place) + 0.5) * scale;
    const int64_t first = std::max<int64_t>(0, static_cast<int64_t>(center - support + 0.5));
    const int64_t end = std::min<int64_t>(from, static_cast<int64_t>(center + support + 0.5));
    double sum = 0;
    for (int64_t i = first; i < end; ++i) {
      exact[i - first] = value_of(filter, (static_cast<double>(i) - center + 0.5) * inverse);
      sum += exact[i - first];
    }
    for (int64_t i = 0; i < end - first; ++i) {
      const double share = sum != 0 ? exact[i] / sum : exact[i];
      weights.values[place * weights.most + i] =
          static_cast<int32_t>(share * (1 << kWeightBits) + (share < 0 ? -0.5 : 0.5));
    }
    weights.runs.push_back({first, end - first});
  }
}

}  // namespace espalier::image
