#include "image/resample.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.h"
#include "image/geometry.h"

namespace espalier::image {
namespace {

constexpr int kPrecisionBits = 22;

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

// For each place of the output: which places of the input it is made of, and by how much of each.
struct Weights {
  struct Run {
    int64_t first, count;
  };
  std::vector<Run> runs;
  std::vector<int32_t> values;  // `most` for each run
  int64_t most;

  const int32_t* of(int64_t place) const { return values.data() + place * most; }
};

Weights make_weights(int64_t from, int64_t to, Filter filter) {
  const double scale = static_cast<double>(from) / static_cast<double>(to);
  const double widening = std::max(scale, 1.0);
  const double inverse = 1.0 / widening;
  const double support = support_of(filter) * widening;
  Weights weights;
  weights.most = static_cast<int64_t>(std::ceil(support)) * 2 + 1;
  weights.values.resize(static_cast<size_t>(to * weights.most));
  std::vector<double> exact(static_cast<size_t>(weights.most));
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
          static_cast<int32_t>(share * (1 << kPrecisionBits) + (share < 0 ? -0.5 : 0.5));
    }
    weights.runs.push_back({first, end - first});
  }
  return weights;
}

uint8_t rounded(int32_t sum) {
  return static_cast<uint8_t>(std::clamp(sum >> kPrecisionBits, 0, 255));
}
constexpr int32_t kHalf = 1 << (kPrecisionBits - 1);

template <int kChannels>
void resample_row(const uint8_t* from, const Weights& weights, uint8_t* to) {
  for (size_t x = 0; x < weights.runs.size(); ++x) {
    const auto [first, count] = weights.runs[x];
    const int32_t* weight = weights.of(static_cast<int64_t>(x));
    const uint8_t* pixel = from + first * kChannels;
    int32_t sums[kChannels];
    std::fill_n(sums, kChannels, kHalf);
    for (int64_t i = 0; i < count; ++i, pixel += kChannels) {
      for (int c = 0; c < kChannels; ++c) sums[c] += pixel[c] * weight[i];
    }
    for (int c = 0; c < kChannels; ++c) *to++ = rounded(sums[c]);
  }
}

void resample_row(const uint8_t* from, int64_t channels, const Weights& weights, uint8_t* to) {
  for (size_t x = 0; x < weights.runs.size(); ++x) {
    const auto [first, count] = weights.runs[x];
    const int32_t* weight = weights.of(static_cast<int64_t>(x));
    for (int64_t c = 0; c < channels; ++c) {
      int32_t sum = kHalf;
      for (int64_t i = 0; i < count; ++i) sum += from[(first + i) * channels + c] * weight[i];
      *to++ = rounded(sum);
    }
  }
}

// Each row resized to `width`.
void horizontal_pass(const Pixels& from, int64_t width, Filter filter, Image& to) {
  const Weights weights = make_weights(from.width, width, filter);
  to.reshape(from.height, width, from.channels);
  for (int64_t y = 0; y < from.height; ++y) {
    if (from.channels == 1) {
      resample_row<1>(from.row(y), weights, to.row(y));
    } else if (from.channels == 3) {
      resample_row<3>(from.row(y), weights, to.row(y));
    } else {
      resample_row(from.row(y), from.channels, weights, to.row(y));
    }
  }
}

// `weights` count rows from `origin`, the first row that `from` holds.
void vertical_pass(const Pixels& from, const Weights& weights, int64_t origin, Image& to) {
  to.reshape(static_cast<int64_t>(weights.runs.size()), from.width, from.channels);
  const int64_t count = from.width * from.channels;
  std::vector<int32_t> sums(static_cast<size_t>(count));
  for (int64_t y = 0; y < to.height; ++y) {
    const auto [first, rows] = weights.runs[y];
    const int32_t* weight = weights.of(y);
    std::fill(sums.begin(), sums.end(), kHalf);
    for (int64_t i = 0; i < rows; ++i) {
      const uint8_t* row = from.row(first - origin + i);
      for (int64_t x = 0; x < count; ++x) sums[x] += row[x] * weight[i];
    }
    std::transform(sums.begin(), sums.end(), to.row(y), rounded);
  }
}

size_t place_of(const std::string& name, const std::vector<std::string>& names, const char* what) {
  const auto found = std::find(names.begin(), names.end(), name);
  check(found != names.end(), Kind::kUsage, "there is no {} '{}' (there are: {})", what, name,
        fmt::join(names, ", "));
  return static_cast<size_t>(found - names.begin());
}

}  // namespace

const std::vector<std::string>& filter_names() {
  static const std::vector<std::string> names = {"box", "bilinear", "bicubic", "lanczos"};
  return names;
}

Filter filter_named(const std::string& name) {
  return static_cast<Filter>(place_of(name, filter_names(), "filter"));
}

const std::vector<std::string>& passes_names() {
  static const std::vector<std::string> names = {"pillow13", "pillow12"};
  return names;
}

Passes passes_named(const std::string& name) {
  return static_cast<Passes>(place_of(name, passes_names(), "order of passes"));
}

void resize(const Pixels& from, int64_t height, int64_t width, Filter filter, Passes passes,
            Image& to) {
  if (from.height == height && from.width == width) return copy(from, to);
  if (from.height == height) return horizontal_pass(from, width, filter, to);
  const Weights vertical = make_weights(from.height, height, filter);
  if (from.width == width) return vertical_pass(from, vertical, 0, to);
  thread_local Image between;
  const int64_t rows_removed = from.height - height;
  if (passes == Passes::kPillow13 && rows_removed > 0 && rows_removed > 2 * (from.width - width)) {
    vertical_pass(from, vertical, 0, between);
    return horizontal_pass(between, width, filter, to);
  }
  const int64_t top = vertical.runs.front().first;
  const int64_t bottom = vertical.runs.back().first + vertical.runs.back().count;
  horizontal_pass(from.part({top, 0, bottom - top, from.width}), width, filter, between);
  vertical_pass(between, vertical, top, to);
}

}  // namespace espalier::image
