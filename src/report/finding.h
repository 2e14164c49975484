// What a sweep says, in sentences: derived from the numbers, hedged where an interval holds 0, with
// the selection of the best cut and its correction named. Plain text.
#pragma once

#include <string>
#include <vector>

#include "report/run.h"

namespace espalier::report {

// One paragraph a label budget, then one on holes where there are some. Never empty.
std::vector<std::string> findings(const TransferRun& run);

// What a pretraining says: steps, first and last loss, accuracies.
std::string finding(const PretrainRun& run);

// "after stage 2 (conv2), tuned"
std::string cut_text(const Row& row);

enum class Sign {
  kNegative,
  kUnclear,
  kPositive
};  // unclear: the interval holds 0, or there is none
Sign sign_of(const Interval& interval);

}  // namespace espalier::report
