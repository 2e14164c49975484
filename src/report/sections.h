// The parts of the page, each a piece of HTML.
#pragma once

#include <string>
#include <vector>

#include "report/run.h"
#include "report/tables.h"

namespace espalier::report {

std::string pretrain_section(const std::vector<PretrainRun>& runs);
std::string transfer_section(const TransferRun& run, const std::vector<TransferRun>& all);
std::string provenance_section(const std::vector<const Run*>& runs);

// Every row of the sweep; the best of each budget is strong, where there is one.
Table summary_table(const TransferRun& run);
// The four statements, what the sweep says of each, and what to do now.
std::string verdict_markdown(const TransferRun& run);

}  // namespace espalier::report
