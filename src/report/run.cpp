#include "report/run.h"

#include <algorithm>

namespace espalier::report {
const Scalar* PretrainRun::find(const std::string& scalar) const {
  for (const Scalar& candidate : scalars)
    if (candidate.name == scalar) return &candidate;
  return nullptr;
}

std::vector<int64_t> TransferRun::budgets() const {
  std::vector<int64_t> budgets;
  for (const Row& row : rows)
    if (std::ranges::find(budgets, row.labels_per_class) == budgets.end())
      budgets.push_back(row.labels_per_class);
  std::ranges::sort(budgets, statistics::fewer_labels);
  return budgets;
}

int64_t TransferRun::holes() const {
  return std::ranges::count_if(cells,
                               [](const Cell& cell) { return !cell.done() && !cell.waiting(); });
}

int64_t TransferRun::waiting() const { return std::ranges::count_if(cells, &Cell::waiting); }

const Row* TransferRun::find(int64_t budget, const Line& line, int64_t cut) const {
  for (const Row& row : rows)
    if (row.labels_per_class == budget && row.line == line && row.cut == cut) return &row;
  return nullptr;
}

const Row* TransferRun::scratch(int64_t budget) const {
  for (const Row& row : rows)
    if (row.labels_per_class == budget && row.cut == 0 && row.accuracy.n > 0) return &row;
  return nullptr;
}

}  // namespace espalier::report
