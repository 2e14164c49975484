#include "report/text_chart.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <limits>

namespace espalier::report {
namespace {

constexpr const char* kMarks = "*o+x#@";
constexpr size_t kMarkCount = 6;

struct Range {
  double low = std::numeric_limits<double>::infinity();
  double high = -std::numeric_limits<double>::infinity();

  void see(double value) {
    if (!std::isfinite(value)) return;
    low = std::min(low, value);
    high = std::max(high, value);
  }
  bool empty() const { return low > high; }
  // 0 .. cells - 1
  size_t cell(double value, int64_t cells) const {
    const double share = high > low ? (value - low) / (high - low) : 0;
    return static_cast<size_t>(std::lround(share * static_cast<double>(cells - 1)));
  }
};

// The mean of the values in each column; NaN where there is none.
std::vector<double> by_column(const Scalar& curve, const Range& x, int64_t columns) {
  const auto count = static_cast<size_t>(columns);
  std::vector<double> sums(count, 0), n(count, 0);
  for (size_t i = 0; i < curve.values.size(); ++i) {
    if (!std::isfinite(curve.values[i])) continue;
    const size_t column = x.cell(curve.steps[i], columns);
    sums[column] += curve.values[i];
    n[column] += 1;
  }
  for (size_t c = 0; c < count; ++c) sums[c] /= n[c];
  return sums;
}

}  // namespace

std::string text_chart(const std::string& heading, const std::vector<Scalar>& curves,
                       int64_t columns, int64_t rows) {
  Range x, y;
  for (const Scalar& curve : curves)
    for (const double step : curve.steps) x.see(step);
  std::vector<std::vector<double>> means;
  for (const Scalar& curve : curves) {
    means.push_back(by_column(curve, x, columns));
    for (const double value : means.back()) y.see(value);
  }
  std::vector<std::string> grid(static_cast<size_t>(rows),
                                std::string(static_cast<size_t>(columns), ' '));
  for (size_t i = 0; i < means.size(); ++i)
    for (size_t c = 0; c < means[i].size(); ++c)
      if (std::isfinite(means[i][c]))
        grid[static_cast<size_t>(rows - 1) - y.cell(means[i][c], rows)][c] = kMarks[i % kMarkCount];
  std::string text = heading;
  for (size_t i = 0; curves.size() > 1 && i < curves.size(); ++i)
    text += fmt::format("   {} {}", kMarks[i % kMarkCount], curves[i].name);
  text += '\n';
  for (size_t row = 0; row < grid.size(); ++row) {
    const bool labelled = !y.empty() && (row == 0 || row + 1 == grid.size());
    const std::string label = labelled ? fmt::format("{:.4g}", row == 0 ? y.high : y.low) : "";
    grid[row].erase(grid[row].find_last_not_of(' ') + 1);
    text += fmt::format("{:>9} |{}\n", label, grid[row]);
  }
  const std::string first = fmt::format("{}", x.low), last = fmt::format("{}", x.high);
  const size_t between = static_cast<size_t>(
      std::max<int64_t>(1, columns - static_cast<int64_t>(first.size() + last.size())));
  return text + fmt::format("{:>11}{}{}{} step\n", "", first, std::string(between, ' '), last);
}

}  // namespace espalier::report
