#include "statistics/estimate.h"

#include <gmock/gmock.h>

#include <cmath>

#include "core/random.h"
#include "statistics/significance.h"

namespace espalier::statistics {
namespace {

using testing::DoubleEq;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsNan;
using testing::Pair;

BySeed of(const std::vector<double>& values, int64_t cluster = Value::kNoCluster) {
  BySeed result;
  for (const double value : values) result[static_cast<int64_t>(result.size())] = {value, cluster};
  return result;
}

TEST(Estimate, IsStudentsSleepExample) {
  // Student 1908, hours of extra sleep under two drugs: t = 4.0621, 9 degrees, p = 0.002833.
  const BySeed first = of({0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0});
  const BySeed second = of({1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4});
  const Estimate difference = estimate(minus(second, first));
  EXPECT_NEAR(difference.interval.mean, 1.58, 1e-12);
  EXPECT_NEAR(difference.interval.half_width, 0.8798859, 1e-6);
  EXPECT_NEAR(difference.p, 0.00283289, 1e-8);
}

TEST(Estimate, WithoutSpreadIsCertain) {
  EXPECT_EQ(estimate(of({1, 1, 1})).p, 0);
  EXPECT_EQ(estimate(of({0, 0, 0})).p, 1);
  EXPECT_EQ(p_above(estimate(of({1, 1})), 0.5), 0);
  EXPECT_EQ(p_above(estimate(of({1, 1})), 2), 1);
}

TEST(Estimate, WhatOneValueCannotTellIsNotANumber) {
  const Estimate one = estimate(of({3}));
  EXPECT_DOUBLE_EQ(one.interval.mean, 3);
  EXPECT_THAT(one.interval.half_width, IsNan());
  EXPECT_THAT(one.p, IsNan());
  EXPECT_THAT(p_above(one, 0), IsNan());
  EXPECT_THAT(estimate({}).interval.mean, IsNan());
}

TEST(Estimate, PairsAreOfSeedsThatBothHave) {
  const BySeed a = {{1, {5, 0}}, {2, {6, 0}}, {4, {9, 1}}}, b = {{2, {2}}, {3, {3}}, {4, {4}}};
  const BySeed difference = minus(a, b);
  ASSERT_EQ(difference.size(), 2u);
  EXPECT_EQ(difference.at(2).value, 4);
  EXPECT_EQ(difference.at(4).cluster, 1);
}

TEST(Estimate, AMeanIsOverThePartsThatAreThereAndTheSeedsThatAllHave) {
  const BySeed a = of({1, 2, 3}), b = of({3, 6}), none;
  const BySeed mean = mean_of({a, none, b});
  ASSERT_EQ(mean.size(), 2u);
  EXPECT_EQ(mean.at(0).value, 2);
  EXPECT_EQ(mean.at(1).value, 4);
}

TEST(Estimate, TheUnitIsTheBackboneWhereThereAreSeveral) {
  const BySeed two = {{0, {1, 0}}, {1, {3, 0}}, {2, {6, 1}}, {3, {8, 1}}};
  EXPECT_THAT(units(two), ElementsAre(Pair(0, 2), Pair(1, 7)));
  EXPECT_EQ(estimate(two).degrees, 1);
  EXPECT_EQ(estimate_of_another(two).error, estimate(two).error);
  const BySeed one = {{0, {1, 0}}, {1, {3, 0}}};
  EXPECT_THAT(unit_values(one), ElementsAre(1, 3));
  EXPECT_NEAR(estimate_of_another(one).error, estimate(one).error * std::sqrt(3), 1e-15);
  const BySeed draws = of({1, 3});  // every seed draws its weights anew: another one is like them
  EXPECT_EQ(estimate_of_another(draws).error, estimate(draws).error);
}

// With 20,000 samples a rate of 5 % is seen as at most 5 % and three standard deviations, 0.5 %.
TEST(Estimate, AnUntrainedBackboneIsCalledDifferentInAtMostOneOfTwentyCases) {
  for (const int64_t seeds : {3, 9})
    for (const double noise : {0.0, 1.0, 3.0}) {  // of a cell; backbones differ by 1
      int64_t another = 0, naive = 0;
      for (uint64_t sample = 0; sample < 20000; ++sample) {
        Draw draw(1, "sample", {sample});
        const double ours = draw.normal();
        BySeed difference;
        for (int64_t seed = 0; seed < seeds; ++seed)
          difference[seed] = {ours - draw.normal() + noise * draw.normal(), 0};
        another += estimate_of_another(difference).p <= 0.05;
        naive += estimate(difference).p <= 0.05;
      }
      EXPECT_LE(another, 1100) << seeds << " seeds, noise " << noise;
      if (noise < 3) EXPECT_GT(naive, 2000) << "the interval of one backbone would do";
    }
}

TEST(Significance, HolmStepsDownAndStaysMonotonous) {
  const auto adjusted = holm(std::vector<double>{0.01, 0.04, 0.03, 0.005});
  EXPECT_THAT(adjusted, ElementsAre(DoubleNear(0.03, 1e-15), DoubleNear(0.06, 1e-15),
                                    DoubleNear(0.06, 1e-15), DoubleNear(0.02, 1e-15)));
  EXPECT_THAT(holm(std::vector<double>{0.6, 0.7}), ElementsAre(DoubleEq(1), DoubleEq(1)));
}

TEST(Significance, HolmLeavesUntestedHypothesesOut) {
  const auto adjusted = holm(std::vector<double>{0.01, std::nan(""), 0.02});
  EXPECT_THAT(adjusted, ElementsAre(DoubleEq(0.02), IsNan(), DoubleEq(0.02)));
}

TEST(Significance, TheSmallestSignFlipPIsThatOfItsCount) {
  EXPECT_DOUBLE_EQ(sign_flip_p(std::vector<double>(5, 0.1)), 0.0625);
  EXPECT_DOUBLE_EQ(sign_flip_p(std::vector<double>(9, 0.1)), 2.0 / 512);
  EXPECT_THAT(sign_flip_p(std::vector<double>{0.1}), IsNan());
}

// 21 values are drawn: the standard deviation of a share of 100,000 is at most 0.0016.
TEST(Significance, DrawnSignFlipsAreNearAllSignFlips) {
  std::vector<double> values;
  for (uint64_t i = 0; i < 20; ++i) values.push_back(0.3 + Draw(2, "value", {i}).normal());
  const double exact = sign_flip_p(values);
  values.push_back(1e-15);  // changes no sum that counts
  EXPECT_NEAR(sign_flip_p(values), exact, 0.006);
  EXPECT_EQ(sign_flip_p(values), sign_flip_p(values));
}

TEST(Significance, NullDataAreCalledDifferentInAtMostOneOfTwentyCases) {
  int64_t flips = 0, equal = 0;
  for (uint64_t sample = 0; sample < 4000; ++sample) {
    Draw draw(3, "sample", {sample});
    std::vector<double> values;
    BySeed at_margin;
    for (int64_t seed = 0; seed < 9; ++seed) {
      values.push_back(draw.normal());
      at_margin[seed] = {1 + draw.normal()};
    }
    flips += sign_flip_p(values) <= 0.05;
    equal += equivalence_p(estimate(at_margin), 1) <= 0.05;  // the margin itself is not within it
  }
  EXPECT_LE(flips, 242);  // 5 % and three standard deviations
  EXPECT_LE(equal, 242);
}

}  // namespace
}  // namespace espalier::statistics
