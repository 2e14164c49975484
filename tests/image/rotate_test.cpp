#include "image/rotate.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <numbers>

#include "core/error.h"
#include "core/hash.h"
#include "core/jsonl.h"
#include "image/geometry.h"
#include "support.h"

namespace espalier::image {
namespace {

constexpr Interpolation kAll[] = {Interpolation::kNearest, Interpolation::kBilinear,
                                  Interpolation::kBicubic};

Image rotated(const Pixels& from, double degrees, Interpolation interpolation) {
  Image to;
  rotate(from, degrees, interpolation, to);
  return to;
}

TEST(Rotate, EqualsPillowOnEveryTarget) {
  int cases = 0;
  for (const Json& row : read_jsonl(ESPALIER_TEST_DATA "/golden/augment.jsonl")) {
    const std::string ops = row.value("ops", "");
    double degrees = 0;
    char name[16] = {};
    if (std::sscanf(ops.c_str(), "rotate(%lf, %15[a-z])", &degrees, name) != 2) continue;
    const auto shape = row["shape"].get<std::vector<int64_t>>();
    const Wider image(noise(shape[0], shape[1], shape[2]));
    on_every_target([&](const std::string& target) {
      const Image turned =
          rotated(image.pixels(), degrees, value_named<Interpolation>(name).value());
      EXPECT_EQ(Sha256().update(turned.pixels.data(), turned.pixels.size()).hex(), row["sha256"])
          << row << target;
    });
    ++cases;
  }
  EXPECT_GE(cases, 240);
}

TEST(Rotate, QuarterTurnsOfASquareOnlyMovePixels) {
  const Image image = noise(31, 31, 3);
  Image turned;
  for (const Interpolation interpolation : kAll) {
    for (int quarter = -4; quarter < 8; ++quarter) {
      rotate90(image, quarter, turned);
      EXPECT_EQ(rotated(image, 90 * quarter, interpolation), turned) << quarter;
    }
  }
}

TEST(Rotate, ByAlmostNothingChangesNothing) {
  for (const Image& image : odd_images()) {
    for (const Interpolation interpolation : kAll) {
      EXPECT_EQ(rotated(Wider(image).pixels(), 1e-14, interpolation), image);
    }
  }
}

TEST(Rotate, CornersBecomeBlackAndTheMiddleKeepsAConstant) {
  Image image(40, 60, 3);
  std::ranges::fill(image.pixels, 200);
  for (const Interpolation interpolation : kAll) {
    const Image turned = rotated(image, 30, interpolation);
    EXPECT_EQ(turned.row(0)[0], 0);
    EXPECT_EQ(turned.row(39)[59 * 3 + 2], 0);
    for (int64_t y = 15; y < 25; ++y) {
      for (int64_t i = 20 * 3; i < 40 * 3; ++i) EXPECT_EQ(turned.row(y)[i], 200);
    }
  }
}

// A plane stays a plane where it is interpolated: that says which way and how far it turned.
TEST(Rotate, IsCounterClockwiseByTheDegreesGiven) {
  Image image(64, 64, 1);
  for (int64_t y = 0; y < 64; ++y) {
    for (int64_t x = 0; x < 64; ++x) image.row(y)[x] = static_cast<uint8_t>(2 * x + y + 20);
  }
  const double angle = 25 * std::numbers::pi / 180, c = std::cos(angle), s = std::sin(angle);
  for (const Interpolation interpolation : kAll) {
    const double within = interpolation == Interpolation::kBilinear ? 1.0 : 2.0;
    const Image turned = rotated(image, 25, interpolation);
    for (int64_t y = 20; y < 44; ++y) {
      for (int64_t x = 20; x < 44; ++x) {
        const double u = static_cast<double>(x) - 31.5, v = static_cast<double>(y) - 31.5;
        const double expected = 2 * (c * u - s * v + 31.5) + (s * u + c * v + 31.5) + 20;
        EXPECT_NEAR(turned.row(y)[x], expected, within);
      }
    }
  }
}

TEST(Rotate, RefusesWhatIsNoAngle) {
  EXPECT_THROW(rotated(noise(3, 3, 1), NAN, Interpolation::kNearest), Error);
  EXPECT_EQ(value_named<Interpolation>("lanczos"), std::nullopt);
  EXPECT_EQ(value_named<Interpolation>("bicubic"), Interpolation::kBicubic);
}

}  // namespace
}  // namespace espalier::image
