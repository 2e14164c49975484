#include "image/normalise.h"

#include <gtest/gtest.h>

#include <bit>
#include <numeric>
#include <vector>

#include "core/error.h"
#include "support.h"

namespace espalier::image {
namespace {

const std::vector<double> kMean = {0.485, 0.456, 0.406}, kStd = {0.229, 0.224, 0.225};

// numpy: ((np.float32([0, 1, 128, 255]) / np.float32(255)) - np.float32(mean)) / np.float32(std)
const std::vector<float> kExpected = {
    -0x1.0f177a0000000p+1f, -0x1.0ce6560000000p+1f, 0x1.2f5e640000000p-4f, 0x1.1fdc3a0000000p+1f,
    -0x1.0492480000000p+1f, -0x1.02549e0000000p+1f, 0x1.a436900000000p-3f, 0x1.36db6e0000000p+1f,
    -0x1.cdf0120000000p+0f, -0x1.c979d40000000p+0f, 0x1.b4ba780000000p-2f, 0x1.51eb860000000p+1f};

Image four_greys() {
  Image image(2, 2, 3);
  image.pixels = {0, 0, 0, 1, 1, 1, 128, 128, 128, 255, 255, 255};
  return image;
}

template <typename Value>
std::vector<Value> normalised(const Image& image, const Normaliser& normalise, Layout layout,
                              Type type) {
  std::vector<Value> values(image.pixels.size());
  normalise(Wider(image).pixels(),
            {.shape = {image.channels, image.height, image.width}, .layout = layout, .type = type},
            reinterpret_cast<std::byte*>(values.data()));
  return values;
}

TEST(Normalise, EqualsTorchvisionInEveryBit) {
  const Normaliser normalise(kMean, kStd);
  EXPECT_EQ(normalised<float>(four_greys(), normalise, Layout::kNchw, Type::kF32), kExpected);
}

TEST(Normalise, LayoutsHoldTheSameValues) {
  const Normaliser normalise(kMean, kStd);
  const auto last = normalised<float>(four_greys(), normalise, Layout::kNhwc, Type::kF32);
  for (size_t i = 0; i < 12; ++i) EXPECT_EQ(last[i], kExpected[i % 3 * 4 + i / 3]);
}

TEST(Normalise, Bf16IsTheNearestToF32) {
  const Normaliser normalise(kMean, kStd);
  const auto halves = normalised<uint16_t>(four_greys(), normalise, Layout::kNchw, Type::kBf16);
  for (size_t i = 0; i < 12; ++i) {
    const float value = std::bit_cast<float>(static_cast<uint32_t>(halves[i]) << 16);
    EXPECT_LE(std::abs(value - kExpected[i]), std::abs(kExpected[i]) * 0x1p-8f);
  }
}

// The values of `image` in f32, each operation rounded.
std::vector<float> slowly(const Image& image, std::span<const double> mean,
                          std::span<const double> std, Layout layout) {
  std::vector<float> values(image.pixels.size());
  const size_t channels = static_cast<size_t>(image.channels), plane = values.size() / channels;
  for (size_t i = 0; i < values.size(); ++i) {
    const size_t c = i % channels, at = layout == Layout::kNhwc ? i : c * plane + i / channels;
    const float value = static_cast<float>(image.pixels[i]) / 255.0f;
    values[at] = (value - static_cast<float>(mean[c])) / static_cast<float>(std[c]);
  }
  return values;
}

TEST(Normalise, EqualsItsTwinInEveryBitOnEveryTarget) {
  const std::vector<double> mean = {0.4914, 0.4822, 0.4465, 0.3}, std = {0.247, 0.2435, 0.26, 2};
  for (const Image& image : odd_images()) {
    const size_t channels = static_cast<size_t>(image.channels);
    const Normaliser normalise({mean.data(), channels}, {std.data(), channels});
    for (const Layout layout : {Layout::kNchw, Layout::kNhwc}) {
      const std::vector<float> expected = slowly(image, mean, std, layout);
      on_every_target([&](const std::string& target) {
        EXPECT_TRUE(normalised<float>(image, normalise, layout, Type::kF32) == expected) << target;
        const auto halves = normalised<uint16_t>(image, normalise, layout, Type::kBf16);
        for (size_t i = 0; i < halves.size(); ++i) {
          const uint32_t bits = std::bit_cast<uint32_t>(expected[i]);
          ASSERT_EQ(halves[i], (bits + 0x7FFF + ((bits >> 16) & 1)) >> 16) << target;
        }
      });
    }
  }
}

TEST(Normalise, EveryValueIsRoundedRightForManyMeansAndStds) {
  Image values(1, 256, 1);
  std::iota(values.pixels.begin(), values.pixels.end(), uint8_t{0});
  for (int i = 1; i < 2000; ++i) {
    const std::vector<double> mean = {i * 0.000517}, std = {i * 0.000611};
    const Normaliser normalise(mean, std);
    ASSERT_EQ(normalised<float>(values, normalise, Layout::kNhwc, Type::kF32),
              slowly(values, mean, std, Layout::kNhwc));
  }
}

TEST(Normalise, OneNumberServesEveryChannel) {
  Image image(1, 1, 3);
  image.pixels = {0, 51, 255};
  const Normaliser normalise(std::vector{0.0}, std::vector{0.5});
  EXPECT_EQ(normalised<float>(image, normalise, Layout::kNchw, Type::kF32),
            (std::vector<float>{0, 0.4f, 2}));
}

TEST(Normalise, RefusesNumbersThatDoNotFit) {
  std::vector<float> values(3);
  auto* into = reinterpret_cast<std::byte*>(values.data());
  const Normaliser two(std::vector{0.0, 0.0}, std::vector{1.0});
  EXPECT_THROW(two(Image(1, 1, 3), {.shape = {3, 1, 1}}, into), Error);
  const Normaliser one(std::vector{0.0}, std::vector{1.0});
  EXPECT_THROW(one(Image(1, 1, 3), {.shape = {3, 1, 2}}, into), Error);
  EXPECT_THROW(Normaliser(std::vector{0.0}, std::vector{0.0}), Error);
  EXPECT_THROW(Normaliser(std::vector{0.0, 0.0}, std::vector{1.0, 1.0, 1.0}), Error);
}

}  // namespace
}  // namespace espalier::image
