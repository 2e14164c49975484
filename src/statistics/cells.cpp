#include "statistics/cells.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "statistics/significance.h"

namespace espalier::statistics {
namespace {

bool is_scratch(const Line& line) { return line.mode == "scratch"; }

Row row_of(const std::vector<Cell>& cells, const Cell& like) {
  Row row{.line = like.line(),
          .stage = like.stage,
          .cut = like.cut,
          .labels_per_class = like.labels_per_class,
          .lr = like.lr,
          .validation = like.validation,
          .steps = like.steps};
  for (const Cell& cell : cells) {
    if (cell.labels_per_class != row.labels_per_class || cell.cut != row.cut) continue;
    if (cell.waiting() || !cell.is_of(row.line)) continue;
    row.failed += !cell.done();
    row.stuck += cell.stuck;
  }
  const BySeed accuracies = by_seed(cells, row.labels_per_class, row.line, row.cut);
  const Estimate accuracy = estimate(accuracies);
  row.accuracy = accuracy.interval;
  row.backbones = accuracy.clusters;
  if (row.cut == 0) return row;
  const BySeed differences = minus(accuracies, scratch_by_seed(cells, row.labels_per_class));
  const Estimate difference = estimate(differences);
  row.difference = difference.interval;
  row.p = difference.p;
  row.sign_flip_p = sign_flip_p(unit_values(differences));
  row.equivalence_p = equivalence_p(difference, kMargin);
  return row;
}

}  // namespace

bool Cell::is_of(const Line& line) const {
  return mode == line.mode && factor == line.factor && source == line.source && head == line.head &&
         control == line.control;
}

bool fewer_labels(int64_t a, int64_t b) { return a != b && a != 0 && (b == 0 || a < b); }

int64_t cluster_of(const Cell& cell) {
  if (cell.source.empty()) return Value::kNoCluster;
  return cell.source == kOurs ? cell.backbone : 0;
}

BySeed by_seed(const std::vector<Cell>& cells, int64_t labels_per_class, const Line& line,
               int64_t cut) {
  BySeed values;
  for (const Cell& cell : cells)
    if (cell.cut == cut && cell.labels_per_class == labels_per_class &&
        (cut == 0 || cell.is_of(line)) && cell.done() && !std::isnan(cell.accuracy))
      values[cell.seed] = {cell.accuracy, cluster_of(cell)};
  return values;
}

BySeed scratch_by_seed(const std::vector<Cell>& cells, int64_t labels_per_class) {
  return by_seed(cells, labels_per_class, {}, 0);
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
                 kind->is_of(line);
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

bool may_be_best(const Row& row, int64_t labels_per_class, int64_t least_n) {
  return row.labels_per_class == labels_per_class && row.cut > 0 && row.line.source == kOurs &&
         !row.line.control && row.accuracy.n >= least_n;
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
  return std::ranges::count_if(rows,
                               [&](const Row& row) { return may_be_best(row, labels_per_class); });
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
