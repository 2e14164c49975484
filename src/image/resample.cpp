#include "image/resample.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "core/error.h"

namespace espalier::image {
namespace {

constexpr int kPrecisionBits = 22;

// Pixels in memory that somebody else owns.
struct Source {
  const uint8_t* pixels;
  int64_t height, width, channels;
  int64_t stride;  // bytes from row to row
};

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

// Rows [top, bottom) of `source`, each resized to `width`.
Image horizontal_pass(const Source& source, int64_t top, int64_t bottom, int64_t width,
                      Filter filter) {
  const Weights weights = make_weights(source.width, width, filter);
  Image result(bottom - top, width, source.channels);
  for (int64_t y = top; y < bottom; ++y) {
    const uint8_t* from = source.pixels + y * source.stride;
    uint8_t* to = result.row(y - top);
    if (source.channels == 1) {
      resample_row<1>(from, weights, to);
    } else if (source.channels == 3) {
      resample_row<3>(from, weights, to);
    } else {
      resample_row(from, source.channels, weights, to);
    }
  }
  return result;
}

// `weights` count rows from `origin`, the first row that `source` holds.
Image vertical_pass(const Source& source, const Weights& weights, int64_t origin) {
  Image result(static_cast<int64_t>(weights.runs.size()), source.width, source.channels);
  const int64_t count = source.width * source.channels;
  std::vector<int32_t> sums(static_cast<size_t>(count));
  for (int64_t y = 0; y < result.height; ++y) {
    const auto [first, rows] = weights.runs[y];
    const int32_t* weight = weights.of(y);
    std::fill(sums.begin(), sums.end(), kHalf);
    for (int64_t i = 0; i < rows; ++i) {
      const uint8_t* from = source.pixels + (first - origin + i) * source.stride;
      for (int64_t x = 0; x < count; ++x) sums[x] += from[x] * weight[i];
    }
    std::transform(sums.begin(), sums.end(), result.row(y), rounded);
  }
  return result;
}

Source source_of(const Image& image) {
  return {image.pixels.data(), image.height, image.width, image.channels,
          image.width * image.channels};
}

}  // namespace

const std::vector<std::string>& filter_names() {
  static const std::vector<std::string> names = {"box", "bilinear", "bicubic", "lanczos"};
  return names;
}

Filter filter_named(const std::string& name) {
  const auto& names = filter_names();
  const auto found = std::find(names.begin(), names.end(), name);
  check(found != names.end(), Kind::kUsage, "there is no filter '{}' (there are: {})", name,
        fmt::join(names, ", "));
  return static_cast<Filter>(found - names.begin());
}

Image resize(const Image& image, int64_t height, int64_t width, Filter filter) {
  return resized_crop(image, {0, 0, image.height, image.width}, height, width, filter);
}

Image resized_crop(const Image& image, const Box& box, int64_t height, int64_t width,
                   Filter filter) {
  if (box.height == height && box.width == width) return crop(image, box);
  const Source source = {image.row(box.top) + box.left * image.channels, box.height, box.width,
                         image.channels, image.width * image.channels};
  if (box.height == height) return horizontal_pass(source, 0, height, width, filter);
  const Weights vertical = make_weights(box.height, height, filter);
  if (box.width == width) return vertical_pass(source, vertical, 0);
  const int64_t rows_removed = box.height - height;
  if (rows_removed > 0 && rows_removed > 2 * (box.width - width)) {
    const Image wide = vertical_pass(source, vertical, 0);
    return horizontal_pass(source_of(wide), 0, height, width, filter);
  }
  const int64_t top = vertical.runs.front().first;
  const int64_t bottom = vertical.runs.back().first + vertical.runs.back().count;
  const Image narrow = horizontal_pass(source, top, bottom, width, filter);
  return vertical_pass(source_of(narrow), vertical, top);
}

}  // namespace espalier::image
