#include "statistics/stopping.h"

#include <algorithm>

namespace espalier::statistics {

bool are_narrow(const std::vector<Row>& rows, double half_width) {
  return std::ranges::all_of(rows, [&](const Row& row) {
    return row.line.control || row.difference.n == 0 || row.difference.half_width <= half_width;
  });
}

}  // namespace espalier::statistics
