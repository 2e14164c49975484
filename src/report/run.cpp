#include "report/run.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace espalier::report {
namespace {

void append_once(std::vector<std::string>& list, const std::string& item) {
  if (std::find(list.begin(), list.end(), item) == list.end()) list.push_back(item);
}

Row row_of(const TransferRun& run, int64_t budget, const std::string& mode, int64_t cut) {
  Row row{mode, "", cut, budget, {}, {kUnknown, kUnknown, 0}, kUnknown, kUnknown};
  if (cut > 0 && cut <= run.last_cut()) row.stage = run.stages[static_cast<size_t>(cut - 1)];
  const auto accuracies = run.by_seed(budget, mode, cut);
  std::vector<double> values;
  for (const auto& [seed, accuracy] : accuracies) values.push_back(accuracy);
  row.accuracy = t_interval(values);
  if (cut == 0) return row;
  const PairedDifference difference = paired_by_seed(accuracies, run.by_seed(budget, "scratch", 0));
  row.difference = difference.interval;
  row.p = difference.p;
  return row;
}

}  // namespace

const Scalar* PretrainRun::find(const std::string& scalar) const {
  for (const Scalar& candidate : scalars)
    if (candidate.name == scalar) return &candidate;
  return nullptr;
}

std::vector<int64_t> TransferRun::budgets() const {
  std::set<int64_t> found;
  for (const Row& row : rows) found.insert(row.labels_per_class);
  std::vector<int64_t> budgets(found.upper_bound(0), found.end());
  if (found.contains(0)) budgets.push_back(0);
  return budgets;
}

std::vector<std::string> TransferRun::modes() const {
  std::vector<std::string> modes;
  for (const Row& row : rows)
    if (row.mode != "scratch") append_once(modes, row.mode);
  return modes;
}

int64_t TransferRun::holes() const {
  return std::count_if(cells.begin(), cells.end(), [](const Cell& cell) { return !cell.done(); });
}

const Row* TransferRun::find(int64_t budget, const std::string& mode, int64_t cut) const {
  for (const Row& row : rows)
    if (row.labels_per_class == budget && row.mode == mode && row.cut == cut) return &row;
  return nullptr;
}

const Row* TransferRun::scratch(int64_t budget) const {
  for (const Row& row : rows)
    if (row.labels_per_class == budget && row.cut == 0 && row.accuracy.n > 0) return &row;
  return nullptr;
}

const Row* TransferRun::best(int64_t budget) const {
  const Row* best = nullptr;
  for (const Row& row : rows) {
    if (row.labels_per_class != budget || row.cut == 0 || row.accuracy.n == 0) continue;
    if (is_control(row.mode)) continue;
    if (!best || row.accuracy.mean > best->accuracy.mean) best = &row;
  }
  return best;
}

std::map<int64_t, double> TransferRun::by_seed(int64_t budget, const std::string& mode,
                                               int64_t cut) const {
  std::map<int64_t, double> accuracies;
  for (const Cell& cell : cells)
    if (cell.done() && cell.labels_per_class == budget && cell.cut == cut &&
        (cut == 0 || cell.mode == mode) && !std::isnan(cell.accuracy))
      accuracies[cell.seed] = cell.accuracy;
  return accuracies;
}

bool is_control(const std::string& mode) { return mode.starts_with("random"); }

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

std::vector<Row> summarize(const TransferRun& run) {
  std::set<int64_t> budgets;
  std::vector<std::string> modes = {"scratch"};
  std::set<int64_t> cuts;
  for (const Cell& cell : run.cells) {
    budgets.insert(cell.labels_per_class);
    cuts.insert(cell.cut);
    append_once(modes, cell.mode);
  }
  const auto exists = [&](int64_t budget, const std::string& mode, int64_t cut) {
    return std::any_of(run.cells.begin(), run.cells.end(), [&](const Cell& cell) {
      return cell.labels_per_class == budget && cell.cut == cut && (cut == 0 || cell.mode == mode);
    });
  };
  std::vector<Row> rows;
  for (const int64_t budget : budgets) {
    const size_t first = rows.size();
    std::vector<double> p;
    for (const std::string& mode : modes)
      for (const int64_t cut : cuts)
        if ((mode == "scratch") == (cut == 0) && exists(budget, mode, cut)) {
          rows.push_back(row_of(run, budget, mode, cut));
          p.push_back(rows.back().p);
        }
    const std::vector<double> adjusted = holm(p);
    for (size_t i = 0; i < adjusted.size(); ++i) rows[first + i].holm_p = adjusted[i];
  }
  return rows;
}

}  // namespace espalier::report
