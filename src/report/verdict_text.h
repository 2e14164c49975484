// The four statements of transfer-learning practice in words: what this sweep says of each, by which
// number, and what to do now.
#pragma once

#include <string>
#include <vector>

#include "report/run.h"
#include "report/tables.h"
#include "statistics/verdicts.h"

namespace espalier::report {

std::string name_of(statistics::Verdict verdict);  // "supported", ..., "not measured"

// Whether the backbone can be told from an untrained one; gate_text says by what, too.
std::string gate_answer(const statistics::Verdicts& verdicts);
std::string gate_text(const statistics::Verdicts& verdicts);

// One row each: statement, verdict, measured, what to do now.
Table verdict_table(const TransferRun& run, const statistics::Verdicts& verdicts);

// "of this one backbone", "of 3 backbones".
std::string scope_text(const TransferRun& run);

}  // namespace espalier::report
