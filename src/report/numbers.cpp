#include "report/numbers.h"

#include <fmt/format.h>

#include <cmath>

#include "core/clock.h"

namespace espalier::report {
namespace {

const std::string kNone = "–";

std::string half_width(const Interval& interval) {
  return std::isnan(interval.half_width) ? "" : fmt::format(" ± {:.1f}", 100 * interval.half_width);
}

}  // namespace

std::string percent(double share) {
  return std::isnan(share) ? kNone : fmt::format("{:.1f} %", 100 * share);
}

std::string percent(const Interval& interval) {
  if (std::isnan(interval.mean)) return kNone;
  return fmt::format("{:.1f}{} %", 100 * interval.mean, half_width(interval));
}

std::string points(double share) {
  if (std::isnan(share)) return kNone;
  const std::string size = fmt::format("{:.1f}", std::abs(100 * share));
  return (size == "0.0" ? "" : share < 0 ? "−" : "+") + size;
}

std::string points(const Interval& interval) {
  return points(interval.mean) + half_width(interval);
}

std::string p_text(double p) {
  if (std::isnan(p)) return kNone;
  return p < 0.001 ? "< 0.001" : fmt::format("{:.3f}", p);
}

std::string compact(double value) {
  if (std::isnan(value)) return kNone;
  if (std::abs(value) >= 1000) return with_commas(std::llround(value));
  return fmt::format("{:.3g}", value);
}

std::string budget_text(int64_t labels_per_class) {
  if (labels_per_class == 0) return "90 % of all labels";
  return counted(labels_per_class, "label") + " per class";
}

std::string budget_number(int64_t labels_per_class) {
  return labels_per_class == 0 ? "all (90 %)" : with_commas(labels_per_class);
}

std::string counted(int64_t n, const std::string& noun) {
  return with_commas(n) + " " + noun + (n == 1 ? "" : "s");
}

}  // namespace espalier::report
