// The parts of the page, each a piece of HTML.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "report/html.h"
#include "report/run.h"
#include "report/tables.h"

namespace espalier::report {

std::string pretrain_section(const std::vector<PretrainRun>& runs, Headings& headings);
std::string transfer_section(const TransferRun& run, const std::vector<TransferRun>& all,
                             Headings& headings);
// Test images that were found among training or pretraining images, by leaks.json of the sweep: a red
// line, the pairs, and what every arm is worth without these images; what was searched and not
// found, in a line. "" where nothing was searched.
std::string leak_section(const TransferRun& run);
// Accuracy and the difference to scratch of each arm, with and without the test images of these
// numbers. No rows where there are no predictions.
Table leak_scores(const TransferRun& run, const std::set<int64_t>& leaked);
// "" where there are fewer than two.
std::string sweeps_section(const std::vector<TransferRun>& all, Headings& headings);
std::string provenance_section(const std::vector<const Run*>& runs, Headings& headings);

// Every row of the sweep; the best of each budget is strong, where there is one.
Table summary_table(const TransferRun& run);
// The four statements, what the sweep says of each, and what to do now.
std::string verdict_markdown(const TransferRun& run);

}  // namespace espalier::report
