#include "data/channel_statistics.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/packed_set.h"

namespace espalier::data {
namespace {

using ::testing::DoubleNear;
using ::testing::Pointwise;

TEST(ChannelStatistics, AreThoseOfAllPixelsInZeroToOne) {
  TempDir temp;
  image::Image dark(1, 1, 3), bright(1, 1, 3);
  dark.pixels = {0, 51, 255};
  bright.pixels = {255, 51, 51};
  write_bytes(temp / "images/a.png", image::encode_png(dark));
  write_bytes(temp / "images/b.png", image::encode_png(bright));
  pack_images(temp / "images", temp / "packed");
  const auto statistics = channel_statistics(Dataset::open(temp / "packed"), 100);
  EXPECT_EQ(statistics.images, 2);
  EXPECT_THAT(statistics.mean, Pointwise(DoubleNear(1e-12), {0.5, 0.2, 0.6}));
  EXPECT_THAT(statistics.deviation, Pointwise(DoubleNear(1e-7), {0.5, 0.0, 0.4}));
}

TEST(ChannelStatistics, CountGreyAsRgbWhereBothAre) {
  TempDir temp;
  image::Image grey(1, 2, 1), red(1, 2, 3);
  grey.pixels = {255, 255};
  red.pixels = {255, 0, 0, 255, 0, 0};
  write_bytes(temp / "images/a.png", image::encode_png(grey));
  write_bytes(temp / "images/b.png", image::encode_png(red));
  pack_images(temp / "images", temp / "packed");
  const auto statistics = channel_statistics(Dataset::open(temp / "packed"), 100);
  EXPECT_THAT(statistics.mean, Pointwise(DoubleNear(1e-12), {1.0, 0.5, 0.5}));
}

}  // namespace
}  // namespace espalier::data
