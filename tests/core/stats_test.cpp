#include "core/stats.h"

#include <gmock/gmock.h>

#include <cmath>

#include "core/error.h"

namespace espalier {
namespace {

using testing::DoubleEq;
using testing::DoubleNear;
using testing::ElementsAre;
using testing::IsNan;

TEST(Stats, QuantilesAreThoseOfTheTables) {
  EXPECT_NEAR(student_t_quantile(0.975, 1), 12.706204736, 1e-8);
  EXPECT_NEAR(student_t_quantile(0.975, 4), 2.776445105, 1e-8);
  EXPECT_NEAR(student_t_quantile(0.995, 9), 3.249835542, 1e-8);
  EXPECT_NEAR(student_t_quantile(0.95, 30), 1.697260894, 1e-8);
  EXPECT_NEAR(student_t_quantile(0.975, 1e6), 1.959966, 1e-5);  // nearly normal
  EXPECT_DOUBLE_EQ(student_t_quantile(0.025, 4), -student_t_quantile(0.975, 4));
  EXPECT_DOUBLE_EQ(student_t_quantile(0.5, 4), 0);
}

TEST(Stats, TwoSidedPUndoesTheQuantile) {
  for (const double degrees : {1.0, 2.0, 4.0, 29.0, 500.0})
    for (const double p : {0.9, 0.3, 0.05, 1e-3, 1e-6})
      EXPECT_NEAR(student_t_two_sided_p(student_t_quantile(1 - p / 2, degrees), degrees) / p, 1,
                  1e-7)
          << degrees << " degrees, p = " << p;
  EXPECT_DOUBLE_EQ(student_t_two_sided_p(1, 1), 0.5);  // Cauchy: 1 - 2 atan(1) / pi
  EXPECT_DOUBLE_EQ(student_t_two_sided_p(0, 7), 1);
}

TEST(Stats, IncompleteBetaIsSymmetricAndKnownInClosedForm) {
  for (const double x : {0.001, 0.2, 0.5, 0.77, 0.999}) {
    EXPECT_NEAR(regularized_incomplete_beta(1, 3, x), 1 - std::pow(1 - x, 3), 1e-14);
    EXPECT_NEAR(regularized_incomplete_beta(2.5, 0.5, x),
                1 - regularized_incomplete_beta(0.5, 2.5, 1 - x), 1e-14);
  }
  EXPECT_EQ(regularized_incomplete_beta(2, 3, 0), 0);
  EXPECT_EQ(regularized_incomplete_beta(2, 3, 1), 1);
}

TEST(Stats, IntervalIsMeanAndStudentTimesStandardError) {
  const std::vector<double> values = {2, 4, 4, 4, 6};  // variance 2
  const Interval interval = t_interval(values);
  EXPECT_DOUBLE_EQ(interval.mean, 4);
  EXPECT_NEAR(interval.half_width, 2.776445105 * std::sqrt(2.0 / 5), 1e-8);
  EXPECT_EQ(interval.n, 5);
}

TEST(Stats, IntervalWidensWithConfidence) {
  const std::vector<double> values = {1, 2, 3};
  EXPECT_LT(t_interval(values, 0.9).half_width, t_interval(values, 0.99).half_width);
}

TEST(Stats, WhatOneValueCannotTellIsNotANumber) {
  const std::vector<double> one = {3};
  EXPECT_DOUBLE_EQ(t_interval(one).mean, 3);
  EXPECT_THAT(t_interval(one).half_width, IsNan());
  EXPECT_THAT(t_interval({}).mean, IsNan());
  EXPECT_THAT(paired_difference(one, one).p, IsNan());
}

TEST(Stats, PairedTestIsStudentsSleepExample) {
  // Student 1908, hours of extra sleep under two drugs: t = 4.0621, 9 degrees, p = 0.002833.
  const std::vector<double> first = {0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0};
  const std::vector<double> second = {1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4};
  const PairedDifference difference = paired_difference(second, first);
  EXPECT_NEAR(difference.interval.mean, 1.58, 1e-12);
  EXPECT_NEAR(difference.interval.half_width, 0.8798859, 1e-6);
  EXPECT_NEAR(difference.p, 0.00283289, 1e-8);
}

TEST(Stats, PairsWithoutSpreadAreCertain) {
  const std::vector<double> a = {1, 2, 3}, b = {0, 1, 2};
  EXPECT_EQ(paired_difference(a, b).p, 0);
  EXPECT_EQ(paired_difference(a, a).p, 1);
}

TEST(Stats, UnequalLengthsAreRefused) {
  const std::vector<double> a = {1, 2}, b = {1};
  EXPECT_THROW(paired_difference(a, b), Error);
}

TEST(Stats, HolmStepsDownAndStaysMonotonous) {
  const auto adjusted = holm(std::vector<double>{0.01, 0.04, 0.03, 0.005});
  EXPECT_THAT(adjusted, ElementsAre(DoubleNear(0.03, 1e-15), DoubleNear(0.06, 1e-15),
                                    DoubleNear(0.06, 1e-15), DoubleNear(0.02, 1e-15)));
  EXPECT_THAT(holm(std::vector<double>{0.6, 0.7}), ElementsAre(DoubleEq(1), DoubleEq(1)));
}

TEST(Stats, HolmLeavesUntestedHypothesesOut) {
  const auto adjusted = holm(std::vector<double>{0.01, std::nan(""), 0.02});
  EXPECT_THAT(adjusted, ElementsAre(DoubleEq(0.02), IsNan(), DoubleEq(0.02)));
}

}  // namespace
}  // namespace espalier
