#include "transfer/summary.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace espalier::transfer {
namespace {

// A number for CSV: nothing where it is not known.
std::string csv(double value) { return std::isfinite(value) ? fmt::format("{}", value) : ""; }

std::string points(const Interval& interval, bool sign) {
  const std::string mean = sign ? fmt::format("{:+.1f}", 100 * interval.mean)
                                : fmt::format("{:.1f}", 100 * interval.mean);
  return std::isfinite(interval.half_width)
             ? fmt::format("{} ± {:.1f}", mean, 100 * interval.half_width)
             : mean;
}

// "70.6 ± 1.0  (+3.5 ± 2.0)  n 4, 1 diverged"
std::string entry(const Row& row) {
  std::string text = row.accuracy.n > 0 ? points(row.accuracy, false) : "-";
  if (std::isfinite(row.difference.mean))
    text += fmt::format("  ({})", points(row.difference, true));
  text += fmt::format("  n {}", row.accuracy.n);
  if (row.failed > 0) text += fmt::format(", {} diverged", row.failed);
  if (row.stuck > 0) text += fmt::format(", {} stuck", row.stuck);
  return text;
}

std::string table_line(const std::string& head, const std::vector<const Row*>& columns,
                       const Row* best) {
  std::string line = fmt::format("  {:<16}", head);
  for (const Row* row : columns)
    line +=
        fmt::format("  {:<36}", row ? entry(*row) + (row == best ? " *" : "") : std::string("-"));
  return line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
}

// What the star of a block means; `means` of the block could have had it.
std::string footnote(const std::vector<Row>& rows, const Row* best, int64_t means) {
  if (best == nullptr) return "  too few seeds for an interval or a p value\n";
  const std::string text = fmt::format("  * highest of {} means and so selected; ", means);
  if (std::isnan(best->holm_p)) return text + "scratch has too few seeds for a difference\n";
  return text + fmt::format("against scratch {} points, p {:.2g} ({:.2g} by Holm for {})\n",
                            points(best->difference, true), best->p, best->holm_p,
                            report::comparisons_corrected(rows));
}

}  // namespace

std::vector<Row> summarise(const std::vector<FinishedCell>& cells) {
  std::vector<report::Cell> plain;
  for (const auto& [id, cell, result] : cells)
    plain.push_back({.id = id,
                     .mode = cell.mode_name(),
                     .stage = "",
                     .status = name_of(result.status),
                     .cut = cell.cut,
                     .labels_per_class = cell.labels_per_class,
                     .seed = cell.seed,
                     .accuracy = result.accuracy,
                     .loss = result.loss,
                     .seconds = result.seconds,
                     .stuck = result.stuck});
  return report::summarize(plain);
}

std::string stage_name(const std::vector<std::string>& stages, int64_t cut) {
  return cut > 0 ? stages[static_cast<size_t>(cut - 1)] : "";
}

std::string cells_csv(const std::vector<FinishedCell>& cells,
                      const std::vector<std::string>& stages) {
  std::string text =
      "id,mode,cut,stage,labels_per_class,seed,accuracy,loss,seconds,steps,stuck,status\n";
  for (const auto& [id, cell, result] : cells)
    text += fmt::format("{},{},{},{},{},{},{},{},{},{},{:d},{}\n", id, cell.mode_name(), cell.cut,
                        stage_name(stages, cell.cut), cell.labels_per_class, cell.seed,
                        csv(result.accuracy), csv(result.loss), csv(result.seconds), result.steps,
                        result.stuck, result.status);
  return text;
}

std::string summary_csv(const std::vector<Row>& rows, const std::vector<std::string>& stages) {
  std::string text =
      "mode,cut,stage,labels_per_class,n,mean,half_width,diff_mean,diff_half_width,p,holm_p,diff_n,"
      "diverged,stuck\n";
  for (const Row& row : rows)
    text += fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", row.mode, row.cut,
                        stage_name(stages, row.cut), row.labels_per_class, row.accuracy.n,
                        csv(row.accuracy.mean), csv(row.accuracy.half_width),
                        csv(row.difference.mean), csv(row.difference.half_width), csv(row.p),
                        csv(row.holm_p), row.difference.n, row.failed, row.stuck);
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
                {"diff_mean", row.difference.mean},
                {"diff_half_width", row.difference.half_width},
                {"p", row.p},
                {"holm_p", row.holm_p},
                {"diff_n", row.difference.n},
                {"diverged", row.failed},
                {"stuck", row.stuck}};
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
  std::string text =
      "Test accuracy, % (difference to scratch in points), 95 % t intervals over n seeds of this "
      "one backbone\n";
  for (const int64_t labels : budgets) {
    const Row* best = best_row(rows, labels);
    text += labels == 0 ? "\n90 % of all labels\n" : fmt::format("\n{} labels per class\n", labels);
    std::string head = fmt::format("  {:<16}", "cut after");
    for (const std::string& mode : modes) head += fmt::format("  {:<36}", mode);
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
    text += footnote(rows, best, report::means_compared(rows, labels));
  }
  return text;
}

}  // namespace espalier::transfer
