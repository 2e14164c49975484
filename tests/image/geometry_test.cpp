#include "image/geometry.h"

#include <gtest/gtest.h>

#include <numeric>

namespace espalier::image {
namespace {

Image counted(int64_t height, int64_t width, int64_t channels) {
  Image image(height, width, channels);
  for (size_t i = 0; i < image.pixels.size(); ++i) {
    image.pixels[i] = static_cast<uint8_t>(i * i * 31 + i * 7);
  }
  return image;
}

Image flipped(const Pixels& from) {
  Image to;
  flip(from, to);
  return to;
}

Image turned(const Pixels& from, int64_t turns) {
  Image to;
  rotate90(from, turns, to);
  return to;
}

Image cropped(const Pixels& from, const Box& box) {
  Image to;
  crop(from, box, to);
  return to;
}

TEST(Geometry, QuarterTurnIsCounterClockwise) {
  Image row(1, 3, 1);
  row.pixels = {1, 2, 3};
  const Image column = turned(row, 1);
  EXPECT_EQ(column.height, 3);
  EXPECT_EQ(column.pixels, (std::vector<uint8_t>{3, 2, 1}));
}

TEST(Geometry, QuarterTurnsAddUp) {
  const Image image = counted(5, 8, 3);
  EXPECT_EQ(turned(turned(image, 1), 2), turned(image, 3));
  EXPECT_EQ(turned(turned(image, 1), 3), image);
  EXPECT_EQ(turned(image, -1), turned(image, 3));
  EXPECT_EQ(turned(image, 8), image);
}

TEST(Geometry, FlipTwiceGivesTheImageBack) {
  const Image image = counted(4, 7, 3);
  EXPECT_NE(flipped(image), image);
  EXPECT_EQ(flipped(flipped(image)), image);
}

TEST(Geometry, BoxAroundTheImageGivesItABlackBorder) {
  const Image image = counted(4, 7, 3);
  const Image padded = cropped(image, {-2, -2, 8, 11});
  EXPECT_EQ(cropped(padded, {2, 2, 4, 7}), image);
  EXPECT_EQ(std::accumulate(padded.pixels.begin(), padded.pixels.end(), 0),
            std::accumulate(image.pixels.begin(), image.pixels.end(), 0));
}

TEST(Geometry, BoxOutsideOfTheImageIsBlack) {
  const Image outside = cropped(counted(4, 7, 3), {-9, 20, 5, 6});
  EXPECT_EQ(outside, Image(5, 6, 3));
}

}  // namespace
}  // namespace espalier::image
