#include "transfer/summary.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

namespace espalier::transfer {

using statistics::Cell;
using statistics::Line;
using statistics::Row;

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
                            statistics::comparisons_corrected(rows));
}

}  // namespace

std::string cells_csv(const std::vector<Cell>& cells) {
  std::string text =
      "id,source,mode,kept_lr_factor,head,cut,stage,labels_per_class,seed,backbone,lr,steps,"
      "accuracy,loss,seconds,stuck,status\n";
  for (const Cell& cell : cells)
    text +=
        fmt::format("{},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{:d},{}\n", cell.id, cell.source,
                    cell.mode, cell.factor, cell.head, cell.cut, cell.stage, cell.labels_per_class,
                    cell.seed, cell.backbone, csv(cell.lr), cell.steps, csv(cell.accuracy),
                    csv(cell.loss), csv(cell.seconds), cell.stuck, cell.status);
  return text;
}

std::string summary_csv(const std::vector<Row>& rows) {
  std::string text =
      "source,mode,kept_lr_factor,head,control,cut,stage,labels_per_class,lr,steps,n,mean,"
      "half_width,diff_mean,diff_half_width,p,holm_p,diff_n,diverged,stuck\n";
  for (const Row& row : rows)
    text += fmt::format(
        "{},{},{},{},{:d},{},{},{},{},{},{},{},{},{},{},{},{},{},{},{}\n", row.line.source,
        row.line.mode, row.line.factor, row.line.head, row.line.control, row.cut, row.stage,
        row.labels_per_class, csv(row.lr), row.steps, row.accuracy.n, csv(row.accuracy.mean),
        csv(row.accuracy.half_width), csv(row.difference.mean), csv(row.difference.half_width),
        csv(row.p), csv(row.holm_p), row.difference.n, row.failed, row.stuck);
  return text;
}

Json summary_json(const std::vector<Row>& rows, const std::vector<std::string>& stages,
                  const std::vector<std::string>& classes) {
  const auto row_json = [&](const Row& row) {
    return Json{{"source", row.line.source},
                {"mode", row.line.mode},
                {"kept_lr_factor", row.line.factor},
                {"head", row.line.head},
                {"control", row.line.control},
                {"cut", row.cut},
                {"stage", row.stage},
                {"labels_per_class", row.labels_per_class},
                {"lr", row.lr},
                {"steps", row.steps},
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
    if (const Row* found = statistics::best_row(rows, row.labels_per_class))
      best.push_back(row_json(*found));
  }
  return {{"stages", stages},
          {"classes", classes},
          {"chance", 1.0 / static_cast<double>(classes.size())},
          {"rows", all},
          {"best", best}};
}

std::string summary_table(const std::vector<Row>& rows) {
  std::vector<int64_t> budgets;
  std::map<int64_t, std::string> cuts;
  for (const Row& row : rows) {
    if (std::ranges::find(budgets, row.labels_per_class) == budgets.end())
      budgets.push_back(row.labels_per_class);
    cuts[row.cut] = row.cut == 0 ? "scratch" : row.stage;
  }
  const std::vector<Line> lines = statistics::lines_of(rows);
  const auto find = [&](int64_t labels, const Line* line, int64_t cut) -> const Row* {
    for (const Row& row : rows)
      if (row.labels_per_class == labels && row.cut == cut && (!line || row.line == *line))
        return &row;
    return nullptr;
  };
  std::string text =
      "Test accuracy, % (difference to scratch in points), 95 % t intervals over n seeds of this "
      "one backbone\n";
  for (const int64_t labels : budgets) {
    const Row* best = statistics::best_row(rows, labels);
    text += labels == 0 ? "\n90 % of all labels\n" : fmt::format("\n{} labels per class\n", labels);
    std::string head = fmt::format("  {:<16}", "cut after");
    for (const Line& line : lines)
      head += fmt::format("  {:<36}", statistics::name_of(line, lines));
    text += head.substr(0, head.find_last_not_of(' ') + 1) + "\n";
    for (const auto& [cut, stage] : cuts) {
      std::vector<const Row*> columns;
      if (cut == 0) columns.push_back(find(labels, nullptr, 0));
      for (size_t i = 0; cut > 0 && i < lines.size(); ++i)
        columns.push_back(find(labels, &lines[i], cut));
      text += table_line(fmt::format("{} {}", cut, stage), columns, best);
    }
    text += footnote(rows, best, statistics::means_compared(rows, labels));
  }
  return text;
}

}  // namespace espalier::transfer
