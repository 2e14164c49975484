// The four statements of transfer-learning practice, each held against a sweep. A statement is
// tested over all cuts that it speaks of, never over a selected one; what the sweep did not run is
// "not tested here".
#pragma once

#include <string>
#include <vector>

#include "report/run.h"

namespace espalier::report {

enum class Verdict { kSupported, kContradicted, kMixed, kUnclear, kNotTested };
std::string verdict_text(Verdict verdict);  // "supported", ..., "not tested here"

struct Statement {
  std::string claim;
  Verdict verdict;
  std::string evidence;
};

// Always four, in the order of practice. `others` are the other sweeps of the report: the fourth
// statement compares sweeps that differ in kept_lr_factor.
std::vector<Statement> statements(const TransferRun& run, const std::vector<TransferRun>& others);

}  // namespace espalier::report
