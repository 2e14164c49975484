// Numbers as the report writes them. What is unknown (NaN) is an en dash.
#pragma once

#include <cstdint>
#include <string>

#include "statistics/student.h"

namespace espalier::report {

using statistics::Interval;

std::string percent(double share);              // 0.579 -> "57.9 %"
std::string percent(const Interval& interval);  // "57.9 ± 0.5 %"; without spread "57.9 %"
std::string points(double share);               // 0.022 -> "+2.2", -0.148 -> "−14.8"
std::string points(const Interval& interval);   // "+2.2 ± 0.5"
std::string p_text(double p);                   // "0.013", "< 0.001"
std::string compact(double value);              // three significant digits: "0.0312", "5,230"
// "10 labels per class"; for all (0) "90 % of all labels", since a tenth is held out.
std::string budget_text(int64_t labels_per_class);
std::string budget_number(int64_t labels_per_class);      // of a table: "1,000", "all (90 %)"
std::string counted(int64_t n, const std::string& noun);  // "1 seed", "5 seeds"

}  // namespace espalier::report
