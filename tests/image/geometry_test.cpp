#include "image/geometry.h"

#include <gtest/gtest.h>

#include <numeric>

#include "core/error.h"
#include "image/resample.h"

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

TEST(Resample, ResizedCropSeesThePixelsOfTheBoxOnly) {
  const Image image = counted(40, 50, 3);
  const Box box = {7, 11, 23, 31};
  for (const auto& [height, width] :
       {std::pair{10, 10}, {60, 17}, {23, 9}, {5, 31}, {23, 31}, {8, 30}}) {
    EXPECT_EQ(resized(Pixels(image).part(box), height, width, Filter::kBicubic),
              resized(cropped(image, box), height, width, Filter::kBicubic));
  }
}

TEST(Resample, EveryChannelIsResizedAlone) {
  for (const int64_t channels : {2, 3, 5}) {
    const Image image = counted(21, 34, channels);
    const Image small = resized(image, 9, 40, Filter::kLanczos);
    for (int64_t c = 0; c < channels; ++c) {
      EXPECT_EQ(channel(small, c), resized(channel(image, c), 9, 40, Filter::kLanczos));
    }
  }
}

TEST(Resample, ConstantImageStaysConstant) {
  for (size_t filter = 0; filter < filter_names().size(); ++filter) {
    Image image(13, 17, 3);
    std::fill(image.pixels.begin(), image.pixels.end(), 201);
    const Image narrow = resized(image, 31, 5, static_cast<Filter>(filter));
    EXPECT_EQ(std::count(narrow.pixels.begin(), narrow.pixels.end(), 201), 31 * 5 * 3);
  }
}

TEST(Resample, FilterHasAName) {
  EXPECT_EQ(filter_named("bicubic"), Filter::kBicubic);
  EXPECT_THROW(filter_named("cubic"), Error);
}

}  // namespace
}  // namespace espalier::image
