#include "statistics/student.h"

#include <algorithm>
#include <cmath>
#include <numbers>
#include <numeric>

#include "core/error.h"

namespace espalier::statistics {
namespace {

// The continued fraction of I_x(a, b), which converges fast for x < (a + 1) / (a + b + 2).
double beta_fraction(double a, double b, double x) {
  constexpr double kTiny = 1e-300;
  const auto away_from_zero = [](double value) { return std::abs(value) < kTiny ? kTiny : value; };
  double c = 1;
  double d = 1 / away_from_zero(1 - (a + b) * x / (a + 1));
  double fraction = d;
  for (int m = 1; m <= 10000; ++m) {
    const double even = m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m));
    const double odd = -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1));
    double change = 1;
    for (const double coefficient : {even, odd}) {
      d = 1 / away_from_zero(1 + coefficient * d);
      c = away_from_zero(1 + coefficient / c);
      change = c * d;
      fraction *= change;
    }
    if (std::abs(change - 1) < 1e-16) break;
  }
  return fraction;
}

double density(double t, double degrees) {
  return std::exp(std::lgamma((degrees + 1) / 2) - std::lgamma(degrees / 2) -
                  (degrees + 1) / 2 * std::log1p(t * t / degrees)) /
         std::sqrt(degrees * std::numbers::pi);
}

}  // namespace

double mean(std::span<const double> values) {
  if (values.empty()) return kUnknown;
  return std::accumulate(values.begin(), values.end(), 0.0) / static_cast<double>(values.size());
}

double sample_standard_deviation(std::span<const double> values) {
  if (values.size() < 2) return kUnknown;
  const double center = mean(values);
  double squares = 0;
  for (const double value : values) squares += (value - center) * (value - center);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

double regularized_incomplete_beta(double a, double b, double x) {
  if (x <= 0) return 0;
  if (x >= 1) return 1;
  if (x > (a + 1) / (a + b + 2)) return 1 - regularized_incomplete_beta(b, a, 1 - x);
  const double log_front =
      std::lgamma(a + b) - std::lgamma(a) - std::lgamma(b) + a * std::log(x) + b * std::log1p(-x);
  return std::exp(log_front) * beta_fraction(a, b, x) / a;
}

double student_t_two_sided_p(double t, double degrees) {
  if (std::isnan(t)) return kUnknown;
  return regularized_incomplete_beta(degrees / 2, 0.5, degrees / (degrees + t * t));
}

double student_t_upper_p(double t, double degrees) {
  const double half = student_t_two_sided_p(t, degrees) / 2;
  return t < 0 ? 1 - half : half;
}

double student_t_quantile(double probability, double degrees) {
  check(probability > 0 && probability < 1 && degrees > 0, Kind::kBug,
        "no Student quantile at probability {} with {} degrees of freedom", probability, degrees);
  if (probability == 0.5) return 0;
  if (probability < 0.5) return -student_t_quantile(1 - probability, degrees);
  const double tails = 2 * (1 - probability);
  double low = 0, high = 1;
  while (student_t_two_sided_p(high, degrees) > tails) high *= 2;
  // Newton's steps, and the middle where one leaves what is known to hold the quantile.
  double t = high;
  for (int step = 0; step < 200; ++step) {
    const double excess = student_t_two_sided_p(t, degrees) - tails;
    (excess > 0 ? low : high) = t;
    double next = t + excess / (2 * density(t, degrees));
    if (!(next > low && next < high)) next = (low + high) / 2;
    if (std::abs(next - t) <= 1e-15 * t || next == t) break;
    t = next;
  }
  return t;
}

Interval t_interval(std::span<const double> values, double confidence) {
  Interval interval{mean(values), kUnknown, static_cast<int64_t>(values.size())};
  if (interval.n < 2) return interval;
  const double n = static_cast<double>(interval.n);
  interval.half_width = student_t_quantile(0.5 + confidence / 2, n - 1) *
                        sample_standard_deviation(values) / std::sqrt(n);
  return interval;
}

}  // namespace espalier::statistics
