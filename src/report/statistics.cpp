#include "report/statistics.h"

#include <algorithm>
#include <cmath>

namespace espalier::report {
namespace {

Row row_of(const std::vector<Cell>& cells, const Cell& like) {
  Row row{.mode = like.mode,
          .stage = like.stage,
          .cut = like.cut,
          .labels_per_class = like.labels_per_class,
          .difference = {kUnknown, kUnknown, 0},
          .p = kUnknown,
          .holm_p = kUnknown};
  for (const Cell& cell : cells) {
    if (cell.labels_per_class != row.labels_per_class || cell.cut != row.cut) continue;
    if (cell.mode != row.mode || cell.waiting()) continue;
    row.failed += !cell.done();
    row.stuck += cell.stuck;
  }
  const auto accuracies = by_seed(cells, row.labels_per_class, row.mode, row.cut);
  std::vector<double> values;
  values.reserve(accuracies.size());
  for (const auto& [seed, accuracy] : accuracies) values.push_back(accuracy);
  row.accuracy = t_interval(values);
  if (row.cut == 0) return row;
  const PairedDifference difference =
      paired_by_seed(accuracies, by_seed(cells, row.labels_per_class, "scratch", 0));
  row.difference = difference.interval;
  row.p = difference.p;
  return row;
}

bool may_be_best(const Row& row, int64_t labels_per_class, int64_t least_n) {
  return row.labels_per_class == labels_per_class && row.cut > 0 && !is_control(row.mode) &&
         row.accuracy.n >= least_n;
}

}  // namespace

bool is_control(const std::string& mode) { return mode.starts_with("random"); }

bool fewer_labels(int64_t a, int64_t b) { return a != b && a != 0 && (b == 0 || a < b); }

std::map<int64_t, double> by_seed(const std::vector<Cell>& cells, int64_t labels_per_class,
                                  const std::string& mode, int64_t cut) {
  std::map<int64_t, double> accuracies;
  for (const Cell& cell : cells)
    if (cell.done() && cell.labels_per_class == labels_per_class && cell.cut == cut &&
        (cut == 0 || cell.mode == mode) && !std::isnan(cell.accuracy))
      accuracies[cell.seed] = cell.accuracy;
  return accuracies;
}

PairedDifference paired_by_seed(const std::map<int64_t, double>& a,
                                const std::map<int64_t, double>& b) {
  std::vector<double> left, right;
  for (const auto& [seed, value] : a) {
    const auto pair = b.find(seed);
    if (pair == b.end()) continue;
    left.push_back(value);
    right.push_back(pair->second);
  }
  return paired_difference(left, right);
}

std::vector<Row> summarize(const std::vector<Cell>& cells) {
  std::vector<std::string> modes = {"scratch"};
  std::vector<const Cell*> kinds;  // one cell for each row
  for (const Cell& cell : cells) {
    if (cell.waiting()) continue;
    if (std::ranges::find(modes, cell.mode) == modes.end()) modes.push_back(cell.mode);
    if (std::ranges::none_of(kinds, [&](const Cell* kind) {
          return kind->labels_per_class == cell.labels_per_class && kind->mode == cell.mode &&
                 kind->cut == cell.cut;
        }))
      kinds.push_back(&cell);
  }
  const auto rank = [&](const Cell* cell) { return std::ranges::find(modes, cell->mode); };
  std::ranges::stable_sort(kinds, [&](const Cell* a, const Cell* b) {
    if (a->labels_per_class != b->labels_per_class)
      return fewer_labels(a->labels_per_class, b->labels_per_class);
    return a->mode != b->mode ? rank(a) < rank(b) : a->cut < b->cut;
  });
  std::vector<Row> rows;
  std::vector<double> p;
  for (const Cell* kind : kinds) {
    rows.push_back(row_of(cells, *kind));
    p.push_back(rows.back().p);
  }
  const std::vector<double> adjusted = holm(p);
  for (size_t i = 0; i < rows.size(); ++i) rows[i].holm_p = adjusted[i];
  return rows;
}

const Row* best_row(const std::vector<Row>& rows, int64_t labels_per_class, int64_t least_n) {
  const Row* best = nullptr;
  for (const Row& row : rows) {
    if (!may_be_best(row, labels_per_class, least_n)) continue;
    if (!best || row.accuracy.mean > best->accuracy.mean) best = &row;
  }
  return best;
}

int64_t means_compared(const std::vector<Row>& rows, int64_t labels_per_class) {
  return std::ranges::count_if(
      rows, [&](const Row& row) { return may_be_best(row, labels_per_class, /*least_n=*/2); });
}

int64_t comparisons_corrected(const std::vector<Row>& rows) {
  return std::ranges::count_if(rows, [](const Row& row) { return !std::isnan(row.holm_p); });
}

}  // namespace espalier::report
