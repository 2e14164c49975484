#include "transfer/summary.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <map>
#include <set>

namespace espalier::transfer {
namespace {

constexpr double kUnknown = std::numeric_limits<double>::quiet_NaN();

using BySeed = std::map<int64_t, double>;

PairedDifference paired(const BySeed& a, const BySeed& b) {
  std::vector<double> left, right;
  for (const auto& [seed, value] : a) {
    const auto partner = b.find(seed);
    if (partner == b.end()) continue;
    left.push_back(value);
    right.push_back(partner->second);
  }
  return paired_difference(left, right);
}

void correct(std::vector<Row>& rows) {
  std::set<int64_t> budgets;
  for (const Row& row : rows) budgets.insert(row.labels_per_class);
  for (const int64_t labels : budgets) {
    std::vector<double> p;
    for (const Row& row : rows)
      if (row.labels_per_class == labels) p.push_back(row.gain.p);
    const std::vector<double> adjusted = holm(p);
    size_t next = 0;
    for (Row& row : rows)
      if (row.labels_per_class == labels) row.holm_p = adjusted[next++];
  }
}

// A number for CSV: nothing where it is not known.
std::string csv(double value) { return std::isfinite(value) ? fmt::format("{}", value) : ""; }

std::string points(const Interval& interval, bool sign) {
  const std::string mean = sign ? fmt::format("{:+.1f}", 100 * interval.mean)
                                : fmt::format("{:.1f}", 100 * interval.mean);
  return std::isfinite(interval.half_width)
             ? fmt::format("{} ± {:.1f}", mean, 100 * interval.half_width)
             : mean;
}

std::string table_line(const std::string& head, const std::vector<const Row*>& columns,
                       const Row* best) {
  std::string line = fmt::format("  {:<16}", head);
  for (const Row* row : columns) {
    std::string text = "-";
    if (row) {
      text = points(row->accuracy, false);
      if (row->cut > 0) text += fmt::format("  ({})", points(row->gain.interval, true));
      if (row == best) text += " *";
    }
    line += fmt::format("  {:<30}", text);
  }
  return line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
}

std::string footnote(const Row& best, int64_t compared) {
  std::string text = fmt::format("  * highest of {} means and so selected; ", compared);
  if (std::isnan(best.holm_p)) return text + "too few seeds for an interval\n";
  return text + fmt::format("against scratch {} points, p {:.2g} ({:.2g} by Holm for {})\n",
                            points(best.gain.interval, true), best.gain.p, best.holm_p, compared);
}

}  // namespace

std::vector<Row> summarise(const std::vector<FinishedCell>& cells) {
  std::vector<Row> rows;
  std::vector<BySeed> values;
  std::map<int64_t, BySeed> scratch;
  for (const FinishedCell& finished : cells) {
    const Cell& cell = finished.cell;
    const CellResult& result = finished.result;
    if (result.status != "done") continue;
    if (cell.cut == 0) scratch[cell.labels_per_class][cell.seed] = result.accuracy;
    const auto same = std::ranges::find_if(rows, [&](const Row& row) {
      return row.mode == cell.mode && row.cut == cell.cut &&
             row.labels_per_class == cell.labels_per_class;
    });
    const auto at = static_cast<size_t>(same - rows.begin());
    if (same == rows.end()) {
      rows.push_back({cell.mode, cell.cut, cell.labels_per_class, {}, {}, kUnknown});
      values.emplace_back();
    }
    values[at][cell.seed] = result.accuracy;
  }
  for (size_t i = 0; i < rows.size(); ++i) {
    std::vector<double> accuracies;
    for (const auto& [seed, accuracy] : values[i]) accuracies.push_back(accuracy);
    rows[i].accuracy = t_interval(accuracies);
    rows[i].gain = rows[i].cut == 0 ? PairedDifference{{kUnknown, kUnknown, 0}, kUnknown}
                                    : paired(values[i], scratch[rows[i].labels_per_class]);
  }
  correct(rows);
  return rows;
}

const Row* best_row(const std::vector<Row>& rows, int64_t labels_per_class) {
  const Row* best = nullptr;
  for (const Row& row : rows)
    if (row.cut > 0 && row.labels_per_class == labels_per_class &&
        (!best || row.accuracy.mean > best->accuracy.mean))
      best = &row;
  return best;
}

std::string stage_name(const std::vector<std::string>& stages, int64_t cut) {
  return cut > 0 ? stages[static_cast<size_t>(cut - 1)] : "";
}

std::string cells_csv(const std::vector<FinishedCell>& cells,
                      const std::vector<std::string>& stages) {
  std::string text = "id,mode,cut,stage,labels_per_class,seed,accuracy,loss,seconds,steps,status\n";
  for (const auto& [id, cell, result] : cells)
    text += fmt::format("{},{},{},{},{},{},{},{},{},{},{}\n", id, cell.mode, cell.cut,
                        stage_name(stages, cell.cut), cell.labels_per_class, cell.seed,
                        csv(result.accuracy), csv(result.loss), csv(result.seconds), result.steps,
                        result.status);
  return text;
}

std::string summary_csv(const std::vector<Row>& rows, const std::vector<std::string>& stages) {
  std::string text =
      "mode,cut,stage,labels_per_class,n,mean,half_width,diff_mean,diff_half_width,p,holm_p\n";
  for (const Row& row : rows)
    text += fmt::format("{},{},{},{},{},{},{},{},{},{},{}\n", row.mode, row.cut,
                        stage_name(stages, row.cut), row.labels_per_class, row.accuracy.n,
                        csv(row.accuracy.mean), csv(row.accuracy.half_width),
                        csv(row.gain.interval.mean), csv(row.gain.interval.half_width),
                        csv(row.gain.p), csv(row.holm_p));
  return text;
}

Json summary_json(const std::vector<Row>& rows, const std::vector<std::string>& stages,
                  const std::vector<std::string>& classes) {
  const auto row_json = [&](const Row& row) {
    return Json{{"mode", row.mode},
                {"cut", row.cut},
                {"stage", stage_name(stages, row.cut)},
                {"labels_per_class", row.labels_per_class},
                {"n", row.accuracy.n},
                {"mean", row.accuracy.mean},
                {"half_width", row.accuracy.half_width},
                {"diff_mean", row.gain.interval.mean},
                {"diff_half_width", row.gain.interval.half_width},
                {"p", row.gain.p},
                {"holm_p", row.holm_p}};
  };
  Json all = Json::array(), best = Json::array();
  std::set<int64_t> budgets;
  for (const Row& row : rows) {
    all.push_back(row_json(row));
    if (!budgets.insert(row.labels_per_class).second) continue;
    if (const Row* found = best_row(rows, row.labels_per_class)) best.push_back(row_json(*found));
  }
  return {{"stages", stages},
          {"classes", classes},
          {"chance", 1.0 / static_cast<double>(classes.size())},
          {"rows", all},
          {"best", best}};
}

std::string summary_table(const std::vector<Row>& rows, const std::vector<std::string>& stages) {
  std::vector<int64_t> budgets;
  std::vector<std::string> modes;
  std::set<int64_t> cuts;
  for (const Row& row : rows) {
    if (std::ranges::find(budgets, row.labels_per_class) == budgets.end())
      budgets.push_back(row.labels_per_class);
    if (row.cut > 0 && std::ranges::find(modes, row.mode) == modes.end()) modes.push_back(row.mode);
    cuts.insert(row.cut);
  }
  const auto find = [&](int64_t labels, const std::string& mode, int64_t cut) -> const Row* {
    for (const Row& row : rows)
      if (row.labels_per_class == labels && row.cut == cut && row.mode == mode) return &row;
    return nullptr;
  };
  std::string text = "Test accuracy, % (difference to scratch in points), 95 % t intervals\n";
  for (const int64_t labels : budgets) {
    const Row* best = best_row(rows, labels);
    text += labels == 0 ? "\nall labels\n" : fmt::format("\n{} labels per class\n", labels);
    std::string head = fmt::format("  {:<16}", "cut after");
    for (const std::string& mode : modes) head += fmt::format("  {:<30}", mode);
    text += head.substr(0, head.find_last_not_of(' ') + 1) + "\n";
    for (const int64_t cut : cuts) {
      std::vector<const Row*> columns;
      if (cut == 0) columns.push_back(find(labels, "scratch", 0));
      for (size_t i = 0; cut > 0 && i < modes.size(); ++i)
        columns.push_back(find(labels, modes[i], cut));
      const std::string name =
          cut == 0 ? "0 scratch" : fmt::format("{} {}", cut, stage_name(stages, cut));
      text += table_line(name, columns, best);
    }
    const auto compared = std::ranges::count_if(
        rows, [&](const Row& row) { return row.cut > 0 && row.labels_per_class == labels; });
    if (best) text += footnote(*best, compared);
  }
  return text;
}

}  // namespace espalier::transfer
