#include "leaks/signature.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "image/resample.h"
#include "pictures.h"

namespace espalier::leaks {
namespace {

using ::testing::FloatNear;
using ::testing::Pointwise;

constexpr float kFar = std::numeric_limits<float>::max();
constexpr double kRounding = 0.02;  // sums of 256 float products of pixels, beside double ones

// The pixels that a signature stands for.
image::Image pixels_of(const image::Image& thumbnail, int64_t side) {
  image::Image pixels;
  image::resize(thumbnail, side, side, image::Filter::kBilinear, image::Passes::kPillow13, pixels);
  return pixels;
}

TEST(Signature, DistancesAreThoseOfThePictures) {
  for (const int64_t side : {8, 16}) {
    const image::Image a = thumbnail(picture(1)), b = thumbnail(picture(2));
    const image::Image pa = pixels_of(a, side), pb = pixels_of(b, side);
    double sum = 0;
    for (size_t i = 0; i < pa.pixels.size(); ++i)
      sum += std::pow(static_cast<double>(pa.pixels[i]) - pb.pixels[i], 2);
    const float found =
        squared_distance(signature(a, whole(), side), signature(b, whole(), side), kFar);
    EXPECT_NEAR(std::sqrt(found), std::sqrt(sum), kRounding);
  }
}

TEST(Signature, BeginsWithTheMean) {
  image::Image grey(20, 30, 1);
  std::ranges::fill(grey.pixels, 100);
  const auto numbers = signature(thumbnail(grey), whole(), 8);
  EXPECT_NEAR(numbers[0], 800, kRounding);
  EXPECT_THAT(std::span(numbers).subspan(1), ::testing::Each(FloatNear(0, kRounding)));
}

TEST(Signature, OfAMirroredPictureIsTheMirroredOne) {
  const image::Image image = thumbnail(picture(3));
  auto turned = signature(image, whole(), 16);
  mirror(turned);
  EXPECT_THAT(turned,
              Pointwise(FloatNear(kRounding), signature(thumbnail(mirrored(image)), whole(), 16)));
}

TEST(Signature, OfAGreyImageIsThatOfTheSameColours) {
  const image::Image grey = picture(4, 24, 1);
  for (const int64_t channels : {3, 5}) {
    image::Image many(grey.height, grey.width, channels);
    for (size_t i = 0; i < many.pixels.size(); ++i)
      many.pixels[i] = grey.pixels[i / static_cast<size_t>(channels)];
    EXPECT_EQ(thumbnail(many), thumbnail(grey));
  }
}

TEST(Signature, StopsCountingAboveTheMost) {
  const auto a = signature(thumbnail(picture(1)), whole(), 16);
  const auto b = signature(thumbnail(picture(2)), whole(), 16);
  const float all = squared_distance(a, b, kFar);
  EXPECT_EQ(squared_distance(a, b, all), all);
  EXPECT_GT(squared_distance(a, b, all / 100), all / 100);
}

}  // namespace
}  // namespace espalier::leaks
