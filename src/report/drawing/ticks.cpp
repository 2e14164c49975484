#include "report/drawing/ticks.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/clock.h"

namespace espalier::report {

std::vector<double> nice_ticks(double low, double high, int count) {
  if (!(high > low)) {
    const double room = std::max(std::abs(low), 1.0) * 0.05;
    low -= room;
    high += room;
  }
  const double rough = (high - low) / count;
  const double power = std::pow(10, std::floor(std::log10(rough)));
  double step = 10 * power;
  for (const double multiple : {5.0, 2.0, 1.0})
    if (rough <= multiple * power * (1 + 1e-9)) step = multiple * power;
  const double first = std::floor(low / step + 1e-9), last = std::ceil(high / step - 1e-9);
  std::vector<double> ticks;
  for (double i = first; i <= last; ++i) ticks.push_back(i * step);
  return ticks;
}

std::string tick_text(double value, double step, bool sign) {
  const int decimals = std::clamp(static_cast<int>(-std::floor(std::log10(step) + 1e-9)), 0, 12);
  std::string digits = fmt::format("{:.{}f}", std::abs(value), decimals);
  if (decimals == 0) digits = with_commas(std::llround(std::abs(value)));
  if (std::abs(value) < step / 2) return digits;
  return (value < 0 ? "−" : sign ? "+" : "") + digits;
}

}  // namespace espalier::report
