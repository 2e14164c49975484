// What the seeds of a sweep say together: means with intervals, and differences to scratch paired
// by seed.
#pragma once

#include <string>
#include <vector>

#include "core/jsonl.h"
#include "core/stats.h"
#include "transfer/cell.h"

namespace espalier::transfer {

struct FinishedCell {
  std::string id;
  Cell cell;
  CellResult result;
};

// Cells that differ by their seed alone; those that diverged are left out.
struct Row {
  std::string mode;
  int64_t cut = 0, labels_per_class = 0;
  Interval accuracy;      // share of the test set, over seeds
  PairedDifference gain;  // to scratch of the same labels and seed; NaN for scratch itself
  double holm_p = 1;      // gain.p corrected for all cuts and modes of its labels per class
};

// In the order of their first cell; rows without a finished cell are left out.
std::vector<Row> summarise(const std::vector<FinishedCell>& cells);

// The row of highest mean above cut 0; null when there is none. It is selected by the test set:
// whoever quotes it says so and quotes holm_p.
const Row* best_row(const std::vector<Row>& rows, int64_t labels_per_class);

// The last stage kept; "" for scratch.
std::string stage_name(const std::vector<std::string>& stages, int64_t cut);

// The files that `report` reads.
std::string cells_csv(const std::vector<FinishedCell>& cells,
                      const std::vector<std::string>& stages);
std::string summary_csv(const std::vector<Row>& rows, const std::vector<std::string>& stages);
Json summary_json(const std::vector<Row>& rows, const std::vector<std::string>& stages,
                  const std::vector<std::string>& classes);

// For people: a line a cut, a column a mode, a block a label budget.
std::string summary_table(const std::vector<Row>& rows, const std::vector<std::string>& stages);

}  // namespace espalier::transfer
