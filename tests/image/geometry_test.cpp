#include "image/geometry.h"

#include <gtest/gtest.h>

#include <numeric>

#include "core/error.h"
#include "support.h"

namespace espalier::image {
namespace {

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

TEST(Geometry, QuarterTurnIsCounterClockwise) {
  Image row(1, 3, 1);
  row.pixels = {1, 2, 3};
  const Image column = turned(row, 1);
  EXPECT_EQ(column.height, 3);
  EXPECT_EQ(column.pixels, (std::vector<uint8_t>{3, 2, 1}));
}

TEST(Geometry, QuarterTurnsAddUp) {
  const Image image = noise(5, 8, 3);
  EXPECT_EQ(turned(turned(image, 1), 2), turned(image, 3));
  EXPECT_EQ(turned(turned(image, 1), 3), image);
  EXPECT_EQ(turned(image, -1), turned(image, 3));
  EXPECT_EQ(turned(image, 8), image);
}

TEST(Geometry, FlipTwiceGivesTheImageBack) {
  const Image image = noise(4, 7, 3);
  EXPECT_NE(flipped(image), image);
  EXPECT_EQ(flipped(flipped(image)), image);
}

TEST(Geometry, BoxAroundTheImageGivesItABlackBorder) {
  const Image image = noise(4, 7, 3);
  const Image padded = cropped(image, {-2, -2, 8, 11});
  EXPECT_EQ(cropped(padded, {2, 2, 4, 7}), image);
  EXPECT_EQ(std::accumulate(padded.pixels.begin(), padded.pixels.end(), 0),
            std::accumulate(image.pixels.begin(), image.pixels.end(), 0));
}

TEST(Geometry, BoxOutsideOfTheImageIsBlack) {
  const Image outside = cropped(noise(4, 7, 3), {-9, 20, 5, 6});
  EXPECT_EQ(outside, Image(5, 6, 3));
}

// The image whose pixel (y, x) is the one at place(y, x).
template <typename Place>
Image gathered(const Image& from, int64_t height, int64_t width, Place place) {
  Image to(height, width, from.channels);
  for (int64_t i = 0; i < height * width; ++i) {
    const auto [y, x] = place(i / width, i % width);
    std::copy_n(from.row(y) + x * to.channels, to.channels, to.pixels.data() + i * to.channels);
  }
  return to;
}

TEST(Geometry, FlipAndQuarterTurnsMoveEveryPixelOnEveryTarget) {
  using Place = std::pair<int64_t, int64_t>;
  expect_equal_to_twin(flip, [](const Image& from) {
    return gathered(from, from.height, from.width, [&](int64_t y, int64_t x) {
      return Place{y, from.width - 1 - x};
    });
  });
  const auto turn = [](int64_t turns) {
    return [turns](const Pixels& from, Image& to) { rotate90(from, turns, to); };
  };
  expect_equal_to_twin(turn(1), [](const Image& from) {
    return gathered(from, from.width, from.height, [&](int64_t y, int64_t x) {
      return Place{x, from.width - 1 - y};
    });
  });
  expect_equal_to_twin(turn(2), [](const Image& from) {
    return gathered(from, from.height, from.width, [&](int64_t y, int64_t x) {
      return Place{from.height - 1 - y, from.width - 1 - x};
    });
  });
  expect_equal_to_twin(turn(3), [](const Image& from) {
    return gathered(from, from.width, from.height, [&](int64_t y, int64_t x) {
      return Place{from.height - 1 - x, y};
    });
  });
}

TEST(Erase, FillsTheBoxAsFarAsItLiesInside) {
  const Image image = noise(6, 7, 3);
  Image erased = image;
  erase(erased, {4, -2, 9, 5}, std::vector<uint8_t>{1, 2, 3});
  for (int64_t y = 0; y < 6; ++y) {
    for (int64_t i = 0; i < 21; ++i) {
      const bool inside = y >= 4 && i / 3 < 3;
      EXPECT_EQ(erased.row(y)[i], inside ? 1 + i % 3 : image.row(y)[i]);
    }
  }
  EXPECT_THROW(erase(erased, {0, 0, 1, 1}, std::vector<uint8_t>{1, 2}), Error);
}

TEST(Erase, OneValueServesEveryChannel) {
  Image one = noise(6, 7, 3), three = one;
  erase(one, {1, 2, 3, 2}, std::vector<uint8_t>{9});
  erase(three, {1, 2, 3, 2}, std::vector<uint8_t>{9, 9, 9});
  EXPECT_EQ(one, three);
}

}  // namespace
}  // namespace espalier::image
