#include "image/tone.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/error.h"
#include "image/table.h"
#include "support.h"

namespace espalier::image {
namespace {

Image each_value(const Image& image, int (*change)(int)) {
  Image to = image;
  for (uint8_t& value : to.pixels) value = static_cast<uint8_t>(change(value));
  return to;
}

TEST(Table, EveryValueGoesThroughTheTableOfItsChannelOnEveryTarget) {
  std::vector<Table> tables(4);
  for (size_t c = 0; c < 4; ++c) {
    for (size_t value = 0; value < 256; ++value) {
      tables[c][value] = static_cast<uint8_t>(value * (2 * c + 7) + c);
    }
  }
  const auto own = [&](const Pixels& from, Image& to) {
    look_up(from, std::span(tables).first(static_cast<size_t>(from.channels)), to);
  };
  expect_equal_to_twin_also_in_place(own, [&](const Image& image) {
    Image to = image;
    for (size_t i = 0; i < to.pixels.size(); ++i) {
      to.pixels[i] = tables[i % static_cast<size_t>(image.channels)][image.pixels[i]];
    }
    return to;
  });
  expect_equal_to_twin_also_in_place(
      [&](const Pixels& from, Image& to) { look_up(from, std::span(tables).first(1), to); },
      [&](const Image& image) {
        Image to = image;
        for (uint8_t& value : to.pixels) value = tables[0][value];
        return to;
      });
}

TEST(Solarize, InvertsFromTheThresholdUpwards) {
  const Image image = noise(7, 5, 3);
  Image to;
  solarize(image, 128, to);
  EXPECT_EQ(to, each_value(image, [](int v) { return v >= 128 ? 255 - v : v; }));
  solarize(image, 256, to);
  EXPECT_EQ(to, image);
}

TEST(Posterize, KeepsTheUpperBits) {
  const Image image = noise(7, 5, 3);
  Image to;
  posterize(image, 3, to);
  EXPECT_EQ(to, each_value(image, [](int v) { return v & 0xE0; }));
  EXPECT_THROW(posterize(image, 0, to), Error);
  EXPECT_THROW(posterize(image, 9, to), Error);
}

TEST(Equalize, ValuesThatAreEquallyManyAreSpreadEvenly) {
  Image image(256, 5, 1), to;
  for (int64_t i = 0; i < 1280; ++i) image.pixels[i] = static_cast<uint8_t>(100 + i / 320);
  equalize(image, to);
  EXPECT_EQ(to.pixels[0], 0);
  EXPECT_EQ(to.pixels[320], (1 + 320) / 3);  // a step is (1280 - 320) / 255 = 3 pixels
  EXPECT_EQ(to.pixels[640], (1 + 640) / 3);
  EXPECT_EQ(to.pixels[1279], 255);  // (1 + 960) / 3, clipped
}

TEST(Equalize, FewPixelsStayAsTheyAre) {
  const Image image = noise(10, 20, 3);
  Image to;
  equalize(image, to);
  EXPECT_EQ(to, image);
}

TEST(Autocontrast, EachChannelReachesBlackAndWhite) {
  Image image(1, 3, 3), to;
  image.pixels = {10, 100, 7, 20, 151, 7, 15, 202, 7};
  autocontrast(image, to);
  EXPECT_EQ(to.pixels, (std::vector<uint8_t>{0, 0, 7, 255, 127, 7, 127, 255, 7}));
}

TEST(Tone, WorksInPlace) {
  Image image = noise(13, 50, 3), expected;
  equalize(image, expected);
  equalize(image, image);
  EXPECT_EQ(image, expected);
}

}  // namespace
}  // namespace espalier::image
