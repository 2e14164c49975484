#include "statistics/cells.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace espalier::statistics {
namespace {

bool is_scratch(const Line& line) { return line.mode == "scratch"; }

std::vector<double> values_of(const BySeed& values) {
  std::vector<double> list;
  list.reserve(values.size());
  for (const auto& [seed, value] : values) list.push_back(value.value);
  return list;
}

// The weights that a seed shares with others: those of its backbone.
int64_t cluster_of(const Cell& cell) {
  if (cell.source.empty()) return Value::kNoCluster;
  return cell.source == kOurs ? cell.backbone : 0;
}

Row row_of(const std::vector<Cell>& cells, const Cell& like) {
  Row row{.line = like.line(),
          .stage = like.stage,
          .cut = like.cut,
          .labels_per_class = like.labels_per_class,
          .lr = like.lr,
          .validation = like.validation,
          .steps = like.steps,
          .difference = {kUnknown, kUnknown, 0},
          .p = kUnknown,
          .holm_p = kUnknown};
  for (const Cell& cell : cells) {
    if (cell.labels_per_class != row.labels_per_class || cell.cut != row.cut) continue;
    if (cell.line() != row.line || cell.waiting()) continue;
    row.failed += !cell.done();
    row.stuck += cell.stuck;
  }
  const BySeed accuracies = by_seed(cells, row.labels_per_class, row.line, row.cut);
  row.accuracy = t_interval(values_of(accuracies));
  if (row.cut == 0) return row;
  const std::vector<double> differences =
      values_of(minus(accuracies, scratch_by_seed(cells, row.labels_per_class)));
  const std::vector<double> zeros(differences.size(), 0.0);
  const PairedDifference difference = paired_difference(differences, zeros);
  row.difference = difference.interval;
  row.p = difference.p;
  return row;
}

bool may_be_best(const Row& row, int64_t labels_per_class, int64_t least_n) {
  return row.labels_per_class == labels_per_class && row.cut > 0 && !row.line.control &&
         row.accuracy.n >= least_n;
}

}  // namespace

bool fewer_labels(int64_t a, int64_t b) { return a != b && a != 0 && (b == 0 || a < b); }

BySeed by_seed(const std::vector<Cell>& cells, int64_t labels_per_class, const Line& line,
               int64_t cut) {
  BySeed values;
  for (const Cell& cell : cells)
    if (cell.done() && cell.labels_per_class == labels_per_class && cell.cut == cut &&
        (cut == 0 || cell.line() == line) && !std::isnan(cell.accuracy))
      values[cell.seed] = {cell.accuracy, cluster_of(cell)};
  return values;
}

BySeed scratch_by_seed(const std::vector<Cell>& cells, int64_t labels_per_class) {
  return by_seed(cells, labels_per_class, {}, 0);
}

BySeed minus(const BySeed& a, const BySeed& b) {
  BySeed differences;
  for (const auto& [seed, left] : a)
    if (const auto right = b.find(seed); right != b.end())
      differences[seed] = {left.value - right->second.value,
                           std::max(left.cluster, right->second.cluster)};
  return differences;
}

std::vector<Row> summarize(const std::vector<Cell>& cells) {
  std::vector<Line> lines;
  std::vector<const Cell*> kinds;  // one cell for each row
  for (const Cell& cell : cells) {
    if (cell.waiting()) continue;
    const Line line = cell.line();
    if (std::ranges::find(lines, line) == lines.end())
      lines.insert(is_scratch(line) ? lines.begin() : lines.end(), line);
    if (std::ranges::none_of(kinds, [&](const Cell* kind) {
          return kind->labels_per_class == cell.labels_per_class && kind->cut == cell.cut &&
                 kind->line() == line;
        }))
      kinds.push_back(&cell);
  }
  const auto rank = [&](const Cell* cell) { return std::ranges::find(lines, cell->line()); };
  std::ranges::stable_sort(kinds, [&](const Cell* a, const Cell* b) {
    if (a->labels_per_class != b->labels_per_class)
      return fewer_labels(a->labels_per_class, b->labels_per_class);
    return rank(a) != rank(b) ? rank(a) < rank(b) : a->cut < b->cut;
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

std::vector<Line> lines_of(const std::vector<Row>& rows) {
  std::vector<Line> lines;
  for (const Row& row : rows)
    if (!is_scratch(row.line) && std::ranges::find(lines, row.line) == lines.end())
      lines.push_back(row.line);
  return lines;
}

std::string name_of(const Line& line, const std::vector<Line>& lines) {
  std::string name = line.mode;
  // A part is named where another line of the same mode has another one.
  const auto differs = [&](auto Line::*part) {
    return std::ranges::any_of(lines, [&](const Line& other) {
      return other.mode == line.mode && other.*part != line.*part;
    });
  };
  if (differs(&Line::factor)) name += fmt::format(" ×{}", line.factor);
  if (differs(&Line::head)) name += ", " + line.head + " head";
  if (differs(&Line::source)) name += ", " + line.source;
  return name;
}

}  // namespace espalier::statistics
