// Small-sample statistics: means with Student intervals, paired differences, Holm's correction.
//
//   const Interval accuracy = t_interval(over_seeds);                  // mean +- half_width
//   const PairedDifference gain = paired_difference(tuned, scratch);   // seed by seed
//
// What cannot be known from too few values is NaN, never 0: a mean of none, a spread of one. All
// functions are pure.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace espalier {

double mean(std::span<const double> values);
// With n - 1 below the sum; NaN for fewer than two values.
double sample_standard_deviation(std::span<const double> values);

// I_x(a, b) for x in [0, 1] and a, b > 0, by Lentz's continued fraction (Abramowitz and
// Stegun 26.5.8).
double regularized_incomplete_beta(double a, double b, double x);
// The t below which `probability` (in (0, 1)) of Student's distribution lies; `degrees` > 0 may be
// fractional.
double student_t_quantile(double probability, double degrees);
// P(|T| >= |t|).
double student_t_two_sided_p(double t, double degrees);

struct Interval {
  double mean = 0;
  double half_width = 0;  // NaN where n < 2
  int64_t n = 0;
};

// Student's interval of the mean.
[[nodiscard]] Interval t_interval(std::span<const double> values, double confidence = 0.95);

struct PairedDifference {
  Interval interval;  // of a[i] - b[i]
  double p = 1;       // two-sided, of the paired t test; NaN where n < 2
};

// Pairs are by index; kBug when the lengths differ. Without any spread p is 1 for no difference,
// else 0.
PairedDifference paired_difference(std::span<const double> a, std::span<const double> b,
                                   double confidence = 0.95);

// Holm's step-down adjustment (1979): the family-wise error stays below alpha where `adjusted <=
// alpha` is called significant, whatever the dependence. In the order given; NaN (an untested
// hypothesis) stays NaN and is not counted.
[[nodiscard]] std::vector<double> holm(std::span<const double> p);

}  // namespace espalier
