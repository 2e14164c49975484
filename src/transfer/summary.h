// What the seeds of a sweep say together, as files and as a table for people. The statistics are
// those of report/statistics.h.
#pragma once

#include <string>
#include <vector>

#include "core/jsonl.h"
#include "report/statistics.h"
#include "transfer/cell.h"

namespace espalier::transfer {

struct FinishedCell {
  std::string id;
  Cell cell;
  CellResult result;
};

using report::best_row;
using report::Row;

std::vector<Row> summarise(const std::vector<FinishedCell>& cells);

// The last stage kept; "" for scratch.
std::string stage_name(const std::vector<std::string>& stages, int64_t cut);

// The files that `report` reads.
std::string cells_csv(const std::vector<FinishedCell>& cells,
                      const std::vector<std::string>& stages);
std::string summary_csv(const std::vector<Row>& rows, const std::vector<std::string>& stages);
Json summary_json(const std::vector<Row>& rows, const std::vector<std::string>& stages,
                  const std::vector<std::string>& classes);

// For people: a line a cut, a column a mode, a block a label budget; n beside every mean, and how
// many cells diverged or are stuck. With one seed nothing is marked as the best.
std::string summary_table(const std::vector<Row>& rows, const std::vector<std::string>& stages);

}  // namespace espalier::transfer
