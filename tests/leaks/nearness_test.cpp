#include "leaks/nearness.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "core/random.h"
#include "leaks/signature.h"

namespace espalier::leaks {
namespace {

// Thumbnails that differ in `dimension` ways: as many squares of the picture, each of an even grey.
std::vector<image::Image> cloud(int64_t count, int64_t dimension, const char* name) {
  std::vector<image::Image> images;
  for (int64_t i = 0; i < count; ++i) {
    Draw draw(0, name, {static_cast<uint64_t>(i)});
    image::Image image(32, 32, 1);
    std::ranges::fill(image.pixels, 128);
    for (int64_t d = 0; d < dimension; ++d) {
      const auto grey = static_cast<uint8_t>(draw.below(256));
      for (int64_t y = 0; y < 8; ++y) std::fill_n(image.row(d / 4 * 8 + y) + d % 4 * 8, 8, grey);
    }
    images.push_back(std::move(image));
  }
  return images;
}

// Of 1,500 medians. Where some squares are near black or white, the cloud has an edge, which lowers
// it.
constexpr double kOfDimension = 0.25;

TEST(Nearness, KnowsTheDimensionOfACloud) {
  for (const int64_t dimension : {2, 4, 6}) {
    const auto found = nearness(cloud(1500, dimension, "tests"), cloud(1500, dimension, "others"),
                                1500, 16, 0.05, 2);
    EXPECT_NEAR(found.dimension, dimension, kOfDimension * static_cast<double>(dimension));
  }
}

// Pairs that are called near.
int64_t near(const std::vector<image::Image>& tests, const std::vector<image::Image>& others,
             double chance) {
  const auto found = nearness(tests, others, std::ssize(others), 8, chance, 2);
  std::vector<std::vector<float>> signatures;
  for (const image::Image& other : others)
    for (const bool turned : {false, true}) {
      signatures.push_back(signature(other, whole(), 8));
      if (turned) mirror(signatures.back());
    }
  int64_t count = 0;
  for (size_t i = 0; i < tests.size(); ++i) {
    const float most = found.radius[i] * found.radius[i];
    const auto own = signature(tests[i], whole(), 8);
    for (const auto& other : signatures) count += squared_distance(own, other, most) <= most;
  }
  return count;
}

TEST(Nearness, CallsAsManyNearByChanceAsItSays) {
  const auto tests = cloud(1500, 4, "tests"), others = cloud(1500, 4, "others");
  // Poisson: at most five where 0.5 are expected, but for one in 70,000. The edges of the cloud and
  // the dimension, which is an estimate, move the rest by a factor of two.
  EXPECT_LE(near(tests, others, 0.5), 5);
  const int64_t many = near(tests, others, 200);
  EXPECT_GT(many, 100);
  EXPECT_LT(many, 400);
}

TEST(Nearness, GrowsWithTheSetThatIsNotDrawn) {
  const auto tests = cloud(100, 4, "tests"), drawn = cloud(200, 4, "others");
  const auto few = nearness(tests, drawn, 200, 8, 0.05, 1);
  const auto many = nearness(tests, drawn, 20'000, 8, 0.05, 1);
  EXPECT_EQ(few.usual, many.usual);
  for (size_t i = 0; i < tests.size(); ++i) EXPECT_GT(few.radius[i], many.radius[i]);
}

TEST(Nearness, OfFewOrEqualImagesIsNotKnown) {
  const auto tests = cloud(50, 4, "tests");
  for (const auto& drawn : {cloud(19, 4, "others"), cloud(50, 0, "others")}) {
    const auto found = nearness(tests, drawn, 50, 8, 0.05, 1);
    EXPECT_EQ(found.dimension, 0);
    EXPECT_EQ(std::ranges::max(found.radius), 0);
  }
}

}  // namespace
}  // namespace espalier::leaks
