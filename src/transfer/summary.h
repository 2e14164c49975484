// What the seeds of a sweep say together, as files and as a table for people. The statistics are
// those of statistics/cells.h.
#pragma once

#include <string>
#include <vector>

#include "core/jsonl.h"
#include "statistics/cells.h"

namespace espalier::transfer {

// The files that `report` reads.
std::string cells_csv(const std::vector<statistics::Cell>& cells);
std::string summary_csv(const std::vector<statistics::Row>& rows);
Json summary_json(const std::vector<statistics::Row>& rows, const std::vector<std::string>& stages,
                  const std::vector<std::string>& classes);

// For people: a line a cut, a column a mode, a block a label budget; n beside every mean, and how
// many cells diverged or are stuck. With one seed nothing is marked as the best.
std::string summary_table(const std::vector<statistics::Row>& rows);

}  // namespace espalier::transfer
