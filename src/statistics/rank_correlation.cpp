#include "statistics/rank_correlation.h"

#include <cmath>

#include "core/error.h"

namespace espalier::statistics {
namespace {

constexpr int64_t kFewest = 5;  // pairs that are resampled

struct Point {
  double x, y;
};

std::vector<Point> known(std::span<const double> x, std::span<const double> y) {
  check(x.size() == y.size(), Kind::kBug, "{} values are correlated with {}", x.size(), y.size());
  std::vector<Point> points;
  for (size_t i = 0; i < x.size(); ++i)
    if (!std::isnan(x[i]) && !std::isnan(y[i])) points.push_back({x[i], y[i]});
  return points;
}

int sign(double value) { return (value > 0) - (value < 0); }

// Of the points that `chosen` names; one that it names twice is not compared with itself.
double tau_of(const std::vector<Point>& points, const Seeds& chosen) {
  double together = 0, differ_in_x = 0, differ_in_y = 0;
  for (size_t i = 0; i < chosen.size(); ++i)
    for (size_t j = 0; j < i; ++j) {
      if (chosen[i] == chosen[j]) continue;
      const Point &one = points[static_cast<size_t>(chosen[i])],
                  &other = points[static_cast<size_t>(chosen[j])];
      const int x = sign(one.x - other.x), y = sign(one.y - other.y);
      together += x * y;
      differ_in_x += x != 0;
      differ_in_y += y != 0;
    }
  const double most = std::sqrt(differ_in_x * differ_in_y);
  return most > 0 ? together / most : kUnknown;
}

Seeds all_of(const std::vector<Point>& points) {
  Seeds all;
  for (size_t i = 0; i < points.size(); ++i) all.push_back(static_cast<int64_t>(i));
  return all;
}

}  // namespace

double kendall_tau(std::span<const double> x, std::span<const double> y) {
  const std::vector<Point> points = known(x, y);
  return tau_of(points, all_of(points));
}

RankCorrelation rank_correlation(std::span<const double> x, std::span<const double> y) {
  const std::vector<Point> points = known(x, y);
  const Seeds all = all_of(points);
  RankCorrelation result{.n = std::ssize(points), .tau = tau_of(points, all), .ends = {}};
  if (result.n < kFewest) return result;
  BySeed numbers;
  for (const int64_t i : all) numbers[i] = {};
  result.ends = percentile_ends(
      bootstrap(numbers, [&](const Seeds& chosen) { return tau_of(points, chosen); }));
  return result;
}

}  // namespace espalier::statistics
