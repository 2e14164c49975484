// What the random ops draw. Their pixels are compared with Pillow's in golden_test.cpp.
#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <set>

#include "augment/box.h"
#include "augment/op.h"
#include "augment/pipeline.h"
#include "image/geometry.h"

namespace espalier::augment {
namespace {

using image::Image;
using image::ViewShape;

constexpr int kDraws = 4000;

std::vector<std::optional<Op::Parameters>> draws(const std::string& name, ViewShape shape) {
  const auto op = Registry<Op>::create(name);
  std::vector<std::optional<Op::Parameters>> drawn;
  for (uint64_t i = 0; i < kDraws; ++i) {
    Draw draw(1, name, {i});
    Op::Parameters parameters;
    if (op->draw(draw, shape, parameters)) {
      drawn.push_back(parameters);
    } else {
      drawn.push_back(std::nullopt);
    }
  }
  return drawn;
}

TEST(PaddedCrop, ReachesEveryPlaceEvenly) {
  std::map<std::pair<double, double>, int> places;
  for (const auto& at : draws("padded_crop", {3, 32, 32})) ++places[{(*at)[0], (*at)[1]}];
  EXPECT_EQ(places.size(), 81u);
  EXPECT_EQ(places.begin()->first, std::pair(-4.0, -4.0));
  EXPECT_EQ(places.rbegin()->first, std::pair(4.0, 4.0));
  for (const auto& [place, count] : places)
    EXPECT_NEAR(count, kDraws / 81.0, 5 * std::sqrt(kDraws / 81.0));
}

TEST(RandomResizedCrop, BoxLiesInTheImageWithALegalAreaAndRatio) {
  double mean_share = 0;
  for (const auto& box : draws("random_resized_crop", {3, 300, 400})) {
    const double top = (*box)[0], left = (*box)[1], height = (*box)[2], width = (*box)[3];
    EXPECT_TRUE(top >= 0 && left >= 0 && top + height <= 300 && left + width <= 400);
    EXPECT_NEAR(std::log(width / height), 0, std::log(4.0 / 3.0) + 0.02);
    EXPECT_GT(height * width / 120000, 0.079);
    mean_share += height * width / 120000 / kDraws;
  }
  EXPECT_NEAR(mean_share, 0.433, 0.014);  // simulated with the same rule in Python; 4 sigma
}

TEST(RandomResizedCrop, ImageWithoutALegalBoxIsCutInTheMiddle) {
  // No box of a legal ratio and 8 % of the area is 10 px high or lower.
  for (const auto& box : draws("random_resized_crop", {3, 10, 400})) {
    EXPECT_EQ(box_of(*box), (image::Box{0, 193, 10, 13}));  // 13 = round(10 * 4 / 3)
  }
  for (const auto& box : draws("random_resized_crop", {3, 400, 10})) {
    EXPECT_EQ(box_of(*box), (image::Box{193, 0, 13, 10}));
  }
}

TEST(Flip, HappensWithItsProbability) {
  const Pipeline pipeline = Pipeline::parse("flip(p=0.25)", "here");
  Image image(1, 2, 1);
  image.pixels = {1, 2};
  int flipped = 0;
  for (uint64_t i = 0; i < kDraws; ++i) flipped += pipeline.apply(image, {.sample = i}) != image;
  EXPECT_NEAR(flipped, kDraws / 4, 5 * std::sqrt(kDraws * 0.25 * 0.75));
}

TEST(Rotate90, DrawsEveryTurnEvenly) {
  std::map<double, int> turns;
  for (const auto& turn : draws("rotate90", {3, 32, 32})) ++turns[turn ? (*turn)[0] : 0];
  ASSERT_EQ(turns.size(), 4u);
  for (const auto& [turn, count] : turns) EXPECT_NEAR(count, kDraws / 4, 5 * std::sqrt(kDraws / 4));
}

TEST(ColourJitter, DrawsEveryOrderAndLegalFactors) {
  std::set<std::vector<double>> orders;
  for (const auto& steps : draws("colour_jitter", {3, 32, 32})) {
    std::vector<double> order;
    for (size_t i = 0; i < steps->size(); i += 2) {
      order.push_back((*steps)[i]);
      const bool is_hue = (*steps)[i] == 3;
      EXPECT_NEAR((*steps)[i + 1], is_hue ? 0 : 1, is_hue ? 0.1 : 0.4);
    }
    orders.insert(order);
  }
  EXPECT_EQ(orders.size(), 24u);
}

TEST(ColourJitter, AmountOfZeroLeavesTheImageAsItIs) {
  Image image(16, 16, 3);
  for (size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<uint8_t>(i * 37);
  EXPECT_EQ(Pipeline::parse("colour_jitter(0, 0, 0, 0)", "here").apply(image, {}), image);
}

}  // namespace
}  // namespace espalier::augment
