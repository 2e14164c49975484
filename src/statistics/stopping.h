// When enough seeds are there.
#pragma once

#include "statistics/cells.h"

namespace espalier::statistics {

// Whether every interval of an arm minus scratch, controls left out, reaches no further than
// `half_width` to either side.
bool are_narrow(const std::vector<Row>& rows, double half_width);

}  // namespace espalier::statistics
