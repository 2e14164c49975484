#include "report/figures/curve_series.h"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace espalier::report {
namespace {

constexpr size_t kMostPoints = 400, kFew = 40;

// The mean of a window around each value, about 1/30 of the curve wide and cut off at the ends: it
// lags nowhere.
std::vector<double> smooth(const std::vector<double>& values) {
  const size_t n = values.size(), half = n / 60 + 1;
  std::vector<double> sums(n + 1, 0), smoothed(n);
  std::partial_sum(values.begin(), values.end(), sums.begin() + 1);
  for (size_t i = 0; i < n; ++i) {
    const size_t first = i - std::min(i, half), end = std::min(n, i + half + 1);
    smoothed[i] = (sums[end] - sums[first]) / static_cast<double>(end - first);
  }
  return smoothed;
}

// At most 2 * kMostPoints points: of each stretch the lowest and the highest, so that no spike is
// lost.
std::vector<Point> thinned(const std::vector<double>& steps, const std::vector<double>& values) {
  std::vector<Point> points;
  const size_t stretch = values.size() / kMostPoints + 1;
  for (size_t first = 0; first < values.size(); first += stretch) {
    const auto begin = values.begin() + static_cast<std::ptrdiff_t>(first);
    const auto end =
        values.begin() + static_cast<std::ptrdiff_t>(std::min(first + stretch, values.size()));
    auto [low, high] = std::minmax_element(begin, end);
    if (high < low) std::swap(low, high);
    for (const auto at : {low, high}) {
      const double step = steps[static_cast<size_t>(at - values.begin())];
      if (points.empty() || points.back().x != step) points.push_back({step, *at});
    }
  }
  return points;
}

}  // namespace

std::vector<Series> curve_series(const std::string& name, int slot, const Scalar& scalar,
                                 const Scalar* low, const Scalar* high) {
  if (scalar.values.size() > kFew)
    return {{.slot = slot,
             .points = thinned(scalar.steps, scalar.values),
             .markers = false,
             .faint = true},
            {.name = name,
             .slot = slot,
             .points = thinned(scalar.steps, smooth(scalar.values)),
             .markers = false}};
  Series series{.name = name, .slot = slot, .points = thinned(scalar.steps, scalar.values)};
  const bool whole = low && high && low->steps == scalar.steps && high->steps == scalar.steps;
  for (size_t i = 0; whole && i < series.points.size(); ++i)
    series.points[i].half_width = (high->values[i] - low->values[i]) / 2;
  return {series};
}

std::string curves_text(const std::vector<Series>& all) {
  bool smoothed = false, markers = false, untrained = false, intervals = false;
  for (const Series& series : all) {
    if (series.points.empty()) continue;
    smoothed = smoothed || series.faint;
    markers = markers || series.markers;
    untrained = untrained || (series.markers && series.points.front().x == 0);
    intervals = intervals || !std::isnan(series.points.front().half_width);
  }
  std::string text;
  if (smoothed) text += "Faint: every logged value. Strong: the mean around it. ";
  if (markers) text += "Markers: measured values. ";
  if (intervals) text += "Bars: intervals of 95 %, of the test images alone. ";
  if (untrained) text += "At step 0: the untrained network. ";
  return text.substr(0, text.size() - 1);
}

}  // namespace espalier::report
