#include "image/resample.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "core/error.h"
#include "image/geometry.h"
#include "support.h"

namespace espalier::image {
namespace {

Image resized(const Pixels& from, int64_t height, int64_t width, Filter filter) {
  Image to;
  resize(from, height, width, filter, Passes::kPillow13, to);
  return to;
}

Image channel(const Image& image, int64_t c) {
  Image result(image.height, image.width, 1);
  for (size_t i = 0; i < result.pixels.size(); ++i) {
    result.pixels[i] = image.pixels[i * image.channels + c];
  }
  return result;
}

double filter_value(Filter filter, double x) {
  const auto sinc = [](double t) {
    return t == 0 ? 1 : std::sin(t * std::numbers::pi) / (t * std::numbers::pi);
  };
  const double t = std::abs(x);
  switch (filter) {
    case Filter::kBox:
      return x > -0.5 && x <= 0.5;
    case Filter::kBilinear:
      return t < 1 ? 1 - t : 0;
    case Filter::kBicubic:
      return t < 1 ? (1.5 * t - 2.5) * t * t + 1 : t < 2 ? (((t - 5) * t + 8) * t - 4) * -0.5 : 0;
    default:
      return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0;
  }
}

// Place `place` of a line of `length` values at(0), at(1), ... resized to `size`, by the
// definition.
template <typename At>
uint8_t resized_value(int64_t length, int64_t size, Filter filter, int64_t place, At at) {
  const double scale = static_cast<double>(length) / static_cast<double>(size);
  const double widening = std::max(scale, 1.0), inverse = 1.0 / widening;
  const double supports[] = {0.5, 1, 2, 3};
  const double support = supports[static_cast<int>(filter)] * widening;
  const double center = (static_cast<double>(place) + 0.5) * scale;
  const int64_t first = std::max<int64_t>(0, static_cast<int64_t>(center - support + 0.5));
  const int64_t end = std::min<int64_t>(length, static_cast<int64_t>(center + support + 0.5));
  std::vector<double> weights;
  double sum = 0;
  for (int64_t i = first; i < end; ++i) {
    weights.push_back(filter_value(filter, (static_cast<double>(i) - center + 0.5) * inverse));
    sum += weights.back();
  }
  int64_t total = 1 << 21;
  for (int64_t i = first; i < end; ++i) {
    total += at(i) * std::lround(weights[static_cast<size_t>(i - first)] / sum * (1 << 22));
  }
  return static_cast<uint8_t>(std::clamp<int64_t>(total >> 22, 0, 255));
}

Image along_rows(const Image& from, int64_t width, Filter filter) {
  Image to(from.height, width, from.channels);
  for (int64_t y = 0; y < to.height; ++y) {
    for (int64_t i = 0; i < width * to.channels; ++i) {
      to.row(y)[i] = resized_value(
          from.width, width, filter, i / to.channels,
          [&](int64_t x) -> int64_t { return from.row(y)[x * to.channels + i % to.channels]; });
    }
  }
  return from.width == width ? from : to;
}

Image down_columns(const Image& from, int64_t height, Filter filter) {
  Image to(height, from.width, from.channels);
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t i = 0; i < to.width * to.channels; ++i) {
      to.row(y)[i] = resized_value(from.height, height, filter, y,
                                   [&](int64_t at) -> int64_t { return from.row(at)[i]; });
    }
  }
  return from.height == height ? from : to;
}

TEST(Resample, IsTwoPassesByTheDefinitionOnEveryTarget) {
  for (int filter = 0; filter < 4; ++filter) {
    const Filter kind = static_cast<Filter>(filter);
    for (const auto& [height, width] :
         {std::pair<int64_t, int64_t>{1, 1}, {8, 23}, {40, 40}, {97, 20}, {150, 133}}) {
      const int64_t out_height = height, out_width = width;
      expect_equal_to_twin(
          [&](const Pixels& from, Image& to) {
            resize(from, out_height, out_width, kind, Passes::kPillow13, to);
          },
          [&](const Image& image) {
            const int64_t removed = image.height - out_height;
            return removed > 0 && removed > 2 * (image.width - out_width)
                       ? along_rows(down_columns(image, out_height, kind), out_width, kind)
                       : down_columns(along_rows(image, out_width, kind), out_height, kind);
          });
    }
  }
}

TEST(Resample, UpToPillow12TheRowsComeFirst) {
  const Image image = noise(60, 33, 3);
  Image to;
  resize(image, 11, 32, Filter::kBicubic, Passes::kPillow12, to);
  EXPECT_EQ(to, down_columns(along_rows(image, 32, Filter::kBicubic), 11, Filter::kBicubic));
  EXPECT_NE(to, resized(image, 11, 32, Filter::kBicubic));
}

TEST(Resample, ResizedCropSeesThePixelsOfTheBoxOnly) {
  const Image image = noise(40, 50, 3);
  const Box box = {7, 11, 23, 31};
  for (const auto& [height, width] :
       {std::pair{10, 10}, {60, 17}, {23, 9}, {5, 31}, {23, 31}, {8, 30}}) {
    EXPECT_EQ(resized(Pixels(image).part(box), height, width, Filter::kBicubic),
              resized(cropped(image, box), height, width, Filter::kBicubic));
  }
}

TEST(Resample, EveryChannelIsResizedAlone) {
  for (const int64_t channels : {2, 3, 5}) {
    const Image image = noise(21, 34, channels);
    const Image small = resized(image, 9, 40, Filter::kLanczos);
    for (int64_t c = 0; c < channels; ++c) {
      EXPECT_EQ(channel(small, c), resized(channel(image, c), 9, 40, Filter::kLanczos));
    }
  }
}

TEST(Resample, ConstantImageStaysConstant) {
  for (const auto& [filter, name] : names_of(Filter{})) {
    Image image(13, 17, 3);
    std::fill(image.pixels.begin(), image.pixels.end(), 201);
    const Image narrow = resized(image, 31, 5, filter);
    EXPECT_EQ(std::count(narrow.pixels.begin(), narrow.pixels.end(), 201), 31 * 5 * 3) << name;
  }
}

TEST(Resample, FilterHasAName) {
  EXPECT_EQ(value_named<Filter>("bicubic"), Filter::kBicubic);
  EXPECT_EQ(value_named<Filter>("cubic"), std::nullopt);
}

}  // namespace
}  // namespace espalier::image
