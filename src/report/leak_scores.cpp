// A sweep's accuracy without the test images that leaked, from the stored predictions.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/numbers.h"
#include "report/sections.h"
#include "statistics/predictions.h"

namespace espalier::report {
namespace {

// The cells as if the test set had no image of `left_out`; those without predictions are waiting.
std::vector<Cell> cells_without(const TransferRun& run, const std::set<int64_t>& left_out) {
  const statistics::Predictions predictions(run.path, std::ssize(run.classes));
  std::vector<Cell> cells = run.cells;
  for (Cell& cell : cells) {
    if (!cell.done()) continue;
    const auto hits = predictions.hits(cell.id);
    double right = 0, images = 0;
    for (int64_t i = 0; hits && i < std::ssize(*hits); ++i) {
      if (left_out.contains(i)) continue;
      right += (*hits)[static_cast<size_t>(i)] != 0;
      ++images;
    }
    cell.accuracy = right / images;
    if (!(images > 0)) cell.status = Cell::kWaiting;
  }
  return cells;
}

}  // namespace

Table leak_scores(const TransferRun& run, const std::set<int64_t>& leaked) {
  Table table{{{"Labels per class", true},
               {"Mode"},
               {"Kept up to"},
               {"Accuracy", true},
               {"Without leaked images", true},
               {"Minus scratch, points", true},
               {"Without leaked images", true}},
              {}};
  const std::vector<Row> rows = statistics::summarize(cells_without(run, leaked));
  for (const Row& with : run.rows) {
    const auto without = std::ranges::find_if(rows, [&](const Row& row) {
      return row.line == with.line && row.cut == with.cut &&
             row.labels_per_class == with.labels_per_class;
    });
    if (without == rows.end() || without->accuracy.n == 0) continue;
    table.rows.push_back({{budget_number(with.labels_per_class), run.name_of(with.line),
                           with.cut ? fmt::format("{} {}", with.cut, with.stage) : "0 (nothing)",
                           percent(with.accuracy), percent(without->accuracy),
                           points(with.difference), points(without->difference)},
                          &with == run.best(with.labels_per_class)});
  }
  return table;
}

}  // namespace espalier::report
