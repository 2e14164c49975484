// Round numbers along an axis.
#pragma once

#include <string>
#include <vector>

namespace espalier::report {

// About `count` multiples of 1, 2 or 5 times a power of ten, the first at or below `low`, the last
// at or above `high`.
std::vector<double> nice_ticks(double low, double high, int count);

// "0.05", "1,500": with the decimals that `step` needs and no more.
std::string tick_text(double value, double step, bool sign = false);

}  // namespace espalier::report
