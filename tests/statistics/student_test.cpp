#include "statistics/student.h"

#include <gmock/gmock.h>

#include <cmath>

namespace espalier::statistics {
namespace {

using testing::IsNan;

TEST(Student, QuantilesAreThoseOfTheTables) {
  EXPECT_NEAR(student_t_quantile(0.975, 1), 12.706204736, 1e-8);
  EXPECT_NEAR(student_t_quantile(0.975, 4), 2.776445105, 1e-8);
  EXPECT_NEAR(student_t_quantile(0.995, 9), 3.249835542, 1e-8);
  EXPECT_NEAR(student_t_quantile(0.95, 30), 1.697260894, 1e-8);
  EXPECT_NEAR(student_t_quantile(0.975, 1e6), 1.959966, 1e-5);  // nearly normal
  EXPECT_DOUBLE_EQ(student_t_quantile(0.025, 4), -student_t_quantile(0.975, 4));
  EXPECT_DOUBLE_EQ(student_t_quantile(0.5, 4), 0);
}

TEST(Student, TwoSidedPUndoesTheQuantile) {
  for (const double degrees : {1.0, 2.0, 4.0, 29.0, 500.0})
    for (const double p : {0.9, 0.3, 0.05, 1e-3, 1e-6})
      EXPECT_NEAR(student_t_two_sided_p(student_t_quantile(1 - p / 2, degrees), degrees) / p, 1,
                  1e-7)
          << degrees << " degrees, p = " << p;
  EXPECT_DOUBLE_EQ(student_t_two_sided_p(1, 1), 0.5);  // Cauchy: 1 - 2 atan(1) / pi
  EXPECT_DOUBLE_EQ(student_t_two_sided_p(0, 7), 1);
}

TEST(Student, IncompleteBetaIsSymmetricAndKnownInClosedForm) {
  for (const double x : {0.001, 0.2, 0.5, 0.77, 0.999}) {
    EXPECT_NEAR(regularized_incomplete_beta(1, 3, x), 1 - std::pow(1 - x, 3), 1e-14);
    EXPECT_NEAR(regularized_incomplete_beta(2.5, 0.5, x),
                1 - regularized_incomplete_beta(0.5, 2.5, 1 - x), 1e-14);
  }
  EXPECT_EQ(regularized_incomplete_beta(2, 3, 0), 0);
  EXPECT_EQ(regularized_incomplete_beta(2, 3, 1), 1);
}

TEST(Student, IntervalIsMeanAndStudentTimesStandardError) {
  const std::vector<double> values = {2, 4, 4, 4, 6};  // variance 2
  const Interval interval = t_interval(values);
  EXPECT_DOUBLE_EQ(interval.mean, 4);
  EXPECT_NEAR(interval.half_width, 2.776445105 * std::sqrt(2.0 / 5), 1e-8);
  EXPECT_EQ(interval.n, 5);
}

TEST(Student, IntervalWidensWithConfidence) {
  const std::vector<double> values = {1, 2, 3};
  EXPECT_LT(t_interval(values, 0.9).half_width, t_interval(values, 0.99).half_width);
}

TEST(Student, WhatOneValueCannotTellIsNotANumber) {
  const std::vector<double> one = {3};
  EXPECT_DOUBLE_EQ(t_interval(one).mean, 3);
  EXPECT_THAT(t_interval(one).half_width, IsNan());
  EXPECT_THAT(t_interval({}).mean, IsNan());
}

}  // namespace
}  // namespace espalier::statistics
