// The comparisons that the practice of transfer learning asks for, as this sweep measured them.
// Each covers all cuts that it is about, never a selected one, and its p values are corrected by
// Holm over label budgets, cuts and modes. It reports what was measured, never why: a sweep of an
// untrained backbone gives such numbers too. What the sweep did not run is "not measured".
#pragma once

#include <string>
#include <vector>

#include "report/run.h"

namespace espalier::report {

// Of the first thing named in a comparison against the second. Mixed: one way at some label budget
// and the other way at another. At most 1 in 20 sweeps without any difference is not unclear.
enum class Outcome { kHigher, kLower, kMixed, kUnclear, kNotMeasured };
std::string outcome_text(Outcome outcome);  // "higher", ..., "not measured"

struct Comparison {
  std::string what;
  Outcome outcome;
  std::string evidence;
};

// Always four: first cut, middle cuts, tuned cuts, learning rate of the kept stages.
[[nodiscard]] std::vector<Comparison> comparisons(const TransferRun& run);

}  // namespace espalier::report
