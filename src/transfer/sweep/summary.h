// What the seeds of a sweep say together, as files and as a table for people. The statistics are
// those of src/statistics, the sentences those of the page.
#pragma once

#include <string>
#include <vector>

#include "core/jsonl.h"
#include "report/run.h"

namespace espalier::transfer {

// The file that `report` reads.
std::string cells_csv(const std::vector<statistics::Cell>& cells);

// A row an arm.
std::string summary_csv(const std::vector<statistics::Row>& rows);

// Rows; of each label budget the best one, the arms that are as good, and the gain with its interval
// after correction for the choice; effects; the gate and the four statements.
Json summary_json(const report::TransferRun& run);

// For people: a line a cut, a column an arm, a block a label budget; n beside every mean, and how
// many cells diverged or are stuck; then what was found. With one seed nothing is marked as the best.
std::string summary_table(const report::TransferRun& run);

}  // namespace espalier::transfer
