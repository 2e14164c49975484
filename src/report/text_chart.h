// Curves drawn with characters, for a terminal.
#pragma once

#include <string>
#include <vector>

#include "report/run.h"

namespace espalier::report {

// A heading, a frame of `columns` x `rows` characters with the range of both axes, and a legend
// where there are several curves. Each curve has a character of its own; of the values in one
// column the mean is drawn. Values that are not finite leave a gap.
std::string text_chart(const std::string& heading, const std::vector<Scalar>& curves,
                       int64_t columns = 64, int64_t rows = 10);

}  // namespace espalier::report
