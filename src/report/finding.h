// The results of a sweep in sentences: numbers and how clear they are, with the selection of the
// best cut and its correction. Never a cause: without controls an untrained backbone gives the same
// kinds of numbers. Plain text.
#pragma once

#include <string>
#include <vector>

#include "report/run.h"

namespace espalier::report {

// One paragraph per label budget, then one each on selection, on cells that are waiting, without a
// value or stuck, where there are some. Never empty.
[[nodiscard]] std::vector<std::string> findings(const TransferRun& run);

// What a pretraining measured: steps, first and last loss, accuracies, those of the untrained
// network (a row of step 0) beside them.
std::string finding(const PretrainRun& run);

}  // namespace espalier::report
