// Small samples: means, Student's distribution and the intervals made of it.
//
//   const Interval accuracy = t_interval(over_seeds);  // mean +- half_width
//
// What cannot be known from too few values is NaN, never 0: a mean of none, a spread of one. All
// functions are pure.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

namespace espalier::statistics {

inline constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

double mean(std::span<const double> values);
// With n - 1 below the sum; NaN for fewer than two values.
double sample_standard_deviation(std::span<const double> values);

// I_x(a, b) for x in [0, 1] and a, b > 0, by Lentz's continued fraction (Abramowitz and
// Stegun 26.5.8).
double regularized_incomplete_beta(double a, double b, double x);
// The t below which `probability` (in (0, 1)) of Student's distribution lies; `degrees` > 0 may be
// fractional.
double student_t_quantile(double probability, double degrees);
double student_t_two_sided_p(double t, double degrees);  // P(|T| >= |t|)
double student_t_upper_p(double t, double degrees);      // P(T >= t)

struct Interval {
  double mean = 0;
  double half_width = 0;  // NaN where n < 2
  int64_t n = 0;
};

// Student's interval of the mean.
[[nodiscard]] Interval t_interval(std::span<const double> values, double confidence = 0.95);

}  // namespace espalier::statistics
