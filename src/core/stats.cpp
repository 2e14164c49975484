#include "core/stats.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "core/error.h"

namespace espalier {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

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

double student_t_quantile(double probability, double degrees) {
  check(probability > 0 && probability < 1 && degrees > 0, Kind::kBug,
        "no Student quantile at probability {} with {} degrees of freedom", probability, degrees);
  if (probability < 0.5) return -student_t_quantile(1 - probability, degrees);
  const double tails = 2 * (1 - probability);
  double low = 0, high = 1;
  while (student_t_two_sided_p(high, degrees) > tails) high *= 2;
  for (double middle = (low + high) / 2; low < middle && middle < high; middle = (low + high) / 2)
    (student_t_two_sided_p(middle, degrees) > tails ? low : high) = middle;
  return high;
}

Interval t_interval(std::span<const double> values, double confidence) {
  Interval interval{mean(values), kUnknown, static_cast<int64_t>(values.size())};
  if (interval.n < 2) return interval;
  const double n = static_cast<double>(interval.n);
  interval.half_width = student_t_quantile(0.5 + confidence / 2, n - 1) *
                        sample_standard_deviation(values) / std::sqrt(n);
  return interval;
}

PairedDifference paired_difference(std::span<const double> a, std::span<const double> b,
                                   double confidence) {
  check(a.size() == b.size(), Kind::kBug, "{} values cannot be paired with {}", a.size(), b.size());
  std::vector<double> differences(a.size());
  for (size_t i = 0; i < a.size(); ++i) differences[i] = a[i] - b[i];
  PairedDifference result{t_interval(differences, confidence), kUnknown};
  if (differences.size() < 2) return result;
  const double n = static_cast<double>(differences.size());
  const double error = sample_standard_deviation(differences) / std::sqrt(n);
  result.p = error > 0 ? student_t_two_sided_p(result.interval.mean / error, n - 1)
             : result.interval.mean == 0 ? 1
                                         : 0;
  return result;
}

std::vector<double> holm(std::span<const double> p) {
  std::vector<size_t> order;
  for (size_t i = 0; i < p.size(); ++i)
    if (!std::isnan(p[i])) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size(), kUnknown);
  double running = 0;
  for (size_t rank = 0; rank < order.size(); ++rank) {
    running = std::max(running, static_cast<double>(order.size() - rank) * p[order[rank]]);
    adjusted[order[rank]] = std::min(1.0, running);
  }
  return adjusted;
}

}  // namespace espalier
