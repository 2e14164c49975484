#include "core/random.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

namespace espalier {
namespace {

TEST(Random, PhiloxGivesTheKnownAnswersOfRandom123) {
  EXPECT_EQ(philox4x32({0, 0, 0, 0}, {0, 0}),
            (PhiloxCounter{0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8}));
  EXPECT_EQ(philox4x32({~0u, ~0u, ~0u, ~0u}, {~0u, ~0u}),
            (PhiloxCounter{0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd}));
  EXPECT_EQ(philox4x32({0x243f6a88, 0x85a308d3, 0x13198a2e, 0x03707344}, {0xa4093822, 0x299f31d0}),
            (PhiloxCounter{0xd16cfe09, 0x94fdcceb, 0x5001e420, 0x24126ea1}));
}

TEST(Random, EqualKeysGiveEqualValues) {
  Draw a(7, "crop", {3, 11, 0}), b(7, "crop", {3, 11, 0});
  for (int i = 0; i < 100; ++i) EXPECT_EQ(a.u64(), b.u64());
}

TEST(Random, EveryPartOfTheKeyMatters) {
  std::set<uint64_t> firsts;
  firsts.insert(Draw(7, "crop", {3, 11}).u64());
  firsts.insert(Draw(8, "crop", {3, 11}).u64());
  firsts.insert(Draw(7, "flip", {3, 11}).u64());
  firsts.insert(Draw(7, "crop", {11, 3}).u64());
  firsts.insert(Draw(7, "crop", {3, 11, 0}).u64());
  firsts.insert(Draw(7, "crop", {3}).u64());
  firsts.insert(Draw(7, "cro", {'p', 3, 11}).u64());
  EXPECT_EQ(firsts.size(), 7u);
}

TEST(Random, UniformIsFlatInZeroToOne) {
  constexpr int kDraws = 20000, kBins = 10;
  std::vector<int> bins(kBins);
  Draw draw(1, "uniform");
  for (int i = 0; i < kDraws; ++i) {
    const double value = draw.uniform();
    ASSERT_GE(value, 0);
    ASSERT_LT(value, 1);
    ++bins[static_cast<size_t>(value * kBins)];
  }
  double chi_squared = 0;
  for (const int count : bins)
    chi_squared += std::pow(count - kDraws / kBins, 2) / (kDraws / kBins);
  EXPECT_LT(chi_squared, 27.9);  // 9 degrees, p = 0.001
}

TEST(Random, WhatIsSettledBeforehandIsNotRandomAndTakesItsNumbersAllTheSame) {
  Draw settled(2, "settled"), plain(2, "settled");
  EXPECT_TRUE(settled.chance(1));
  EXPECT_FALSE(settled.chance(0));
  EXPECT_EQ(settled.below(1), 0);
  EXPECT_EQ(settled.uniform(3, 3), 3);
  EXPECT_FALSE(settled.is_random());
  for (int i = 0; i < 4; ++i) plain.uniform();
  EXPECT_EQ(settled.u64(), plain.u64());
  EXPECT_TRUE(settled.is_random());
  const auto random_after = [](const auto& use) {
    Draw draw(2, "random");
    use(draw);
    return draw.is_random();
  };
  EXPECT_TRUE(random_after([](Draw& draw) { draw.u32(); }));
  EXPECT_TRUE(random_after([](Draw& draw) { draw.uniform(); }));
  EXPECT_TRUE(random_after([](Draw& draw) { draw.uniform(1, 2); }));
  EXPECT_TRUE(random_after([](Draw& draw) { draw.below(2); }));
  EXPECT_TRUE(random_after([](Draw& draw) { draw.chance(0.5); }));
  EXPECT_TRUE(random_after([](Draw& draw) { draw.normal(); }));
  EXPECT_TRUE(random_after([](Draw& draw) { draw.permutation(2); }));
}

TEST(Random, UniformOfARangeStaysInside) {
  Draw draw(2, "range");
  for (int i = 0; i < 1000; ++i) {
    const double value = draw.uniform(-3, 5);
    EXPECT_GE(value, -3);
    EXPECT_LT(value, 5);
  }
}

TEST(Random, BelowReachesEveryValueAndNoOther) {
  std::vector<int> seen(6);
  Draw draw(3, "below");
  for (int i = 0; i < 6000; ++i) ++seen.at(static_cast<size_t>(draw.below(6)));
  for (const int count : seen) EXPECT_NEAR(count, 1000, 120);  // 4 standard deviations
  EXPECT_EQ(draw.below(1), 0);
}

TEST(Random, NormalHasMeanZeroAndVarianceOne) {
  constexpr int kDraws = 20000;
  Draw draw(4, "normal");
  double sum = 0, squares = 0;
  for (int i = 0; i < kDraws; ++i) {
    const double value = draw.normal();
    sum += value;
    squares += value * value;
  }
  EXPECT_NEAR(sum / kDraws, 0, 4 / std::sqrt(kDraws));
  EXPECT_NEAR(squares / kDraws, 1, 4 * std::sqrt(2.0 / kDraws));
}

TEST(Random, ChanceOfZeroNeverAndOfOneAlways) {
  Draw draw(5, "chance");
  for (int i = 0; i < 1000; ++i) {
    EXPECT_FALSE(draw.chance(0));
    EXPECT_TRUE(draw.chance(1));
  }
}

TEST(Random, PermutationHoldsEachIndexOnce) {
  const auto order = Draw(6, "order").permutation(1000);
  std::vector<int64_t> sorted = order;
  std::sort(sorted.begin(), sorted.end());
  for (int64_t i = 0; i < 1000; ++i) EXPECT_EQ(sorted[static_cast<size_t>(i)], i);
  EXPECT_FALSE(std::is_sorted(order.begin(), order.end()));
  EXPECT_TRUE(Draw(6, "order").permutation(0).empty());
}

}  // namespace
}  // namespace espalier
