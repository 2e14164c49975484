#include "report/sweep_view.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/clock.h"
#include "core/error.h"
#include "core/printable.h"
#include "report/numbers.h"
#include "report/run_files.h"
#include "report/run_list.h"

namespace espalier::report {
namespace {

// Of the cells that wait, by those of their mode and labels that are done, or by all; NaN without.
double seconds_left(const TransferRun& run, int64_t workers) {
  struct Mean {
    double sum = 0, n = 0;
  };
  std::map<std::pair<std::string, int64_t>, Mean> by_kind;
  Mean all;
  const auto kind_of = [](const Cell& cell) {
    return std::pair(cell.cut == 0 ? "scratch" : cell.mode, cell.labels_per_class);
  };
  for (const Cell& cell : run.cells) {
    if (!cell.done() || std::isnan(cell.seconds)) continue;
    for (Mean* mean : {&by_kind[kind_of(cell)], &all}) {
      mean->sum += cell.seconds;
      ++mean->n;
    }
  }
  double left = 0;
  for (const Cell& cell : run.cells) {
    if (!cell.waiting()) continue;
    const auto known = by_kind.find(kind_of(cell));
    const Mean& mean = known == by_kind.end() ? all : known->second;
    left += mean.sum / mean.n;
  }
  return left / static_cast<double>(workers);
}

std::string head(const TransferRun& run, int64_t running, double quiet_seconds) {
  const auto cells = std::ssize(run.cells);
  const int64_t done = std::ranges::count_if(run.cells, &Cell::done);
  std::string text = fmt::format("{}: {} of {} done, {} running", printable(run.path.string()),
                                 done, counted(cells, "cell"), running);
  if (run.holes() > 0) text += fmt::format(", {} without a result", run.holes());
  const int64_t stuck = std::ranges::count_if(run.cells, &Cell::stuck);
  if (stuck > 0) text += fmt::format(", {} at chance", stuck);
  const double left = running > 0 ? seconds_left(run, running) : kUnknown;
  if (left > 0) text += ", about " + duration_text(left) + " left";
  if (running == 0 && run.waiting() > 0)
    text += fmt::format(", nothing was written for {}", duration_text(quiet_seconds));
  const int64_t tuned = std::ranges::count_if(run.arms, [](const Arm& a) { return a.chosen >= 0; });
  if (tuned < std::ssize(run.arms))
    text += fmt::format("\nrates and steps are chosen for {} of {}", tuned,
                        counted(std::ssize(run.arms), "arm"));
  return text + "\n";
}

std::string mean_text(const Row* row) {
  if (row == nullptr || row->accuracy.n == 0) return "";
  const Interval& interval = row->accuracy;
  std::string text = fmt::format("{:.1f}", 100 * interval.mean);
  if (!std::isnan(interval.half_width)) text += fmt::format(" ± {:.1f}", 100 * interval.half_width);
  return text + fmt::format(" ({})", interval.n);
}

std::string line_text(const std::string& name, size_t width,
                      const std::vector<std::string>& cells) {
  std::string text = fmt::format("  {:<{}}", name, width);
  for (const std::string& cell : cells) text += fmt::format("  {:>17}", cell);
  text.erase(text.find_last_not_of(' ') + 1);
  return text + "\n";
}

std::string table(const TransferRun& run, int64_t budget) {
  std::vector<std::string> heading = {"0"};
  for (size_t i = 0; i < run.stages.size(); ++i)
    heading.push_back(fmt::format("{} {}", i + 1, printable(run.stages[i])).substr(0, 17));
  std::vector<Line> lines = run.lines();
  std::erase_if(lines, [](const Line& line) { return line.mode == "scratch"; });
  size_t width = std::string("scratch").size();
  for (const Line& line : lines) width = std::max(width, run.name_of(line).size());
  std::string text = "\n" + budget_text(budget) + "\n" + line_text("", width, heading) +
                     line_text("scratch", width, {mean_text(run.scratch(budget))});
  for (const Line& line : lines) {
    std::vector<std::string> cells = {""};
    for (int64_t cut = 1; cut <= run.last_cut(); ++cut)
      cells.push_back(mean_text(run.find(budget, line, cut)));
    text += line_text(run.name_of(line), width, cells);
  }
  return text;
}

}  // namespace

SweepView view_sweep(const std::filesystem::path& folder) {
  check(there(folder / "plan.json"), Kind::kUsage,
        "{} holds no sweep (try: the --out of espalier transfer, once it has begun)",
        folder.string());
  const TransferRun run = read_transfer(folder);
  const int64_t running = cells_in_work(folder);
  const double quiet = seconds_since_change(folder);
  SweepView view{.text = head(run, running, quiet)};
  if (std::ranges::any_of(run.cells, &Cell::done))
    view.text += "accuracy in %, mean ± 95 % interval (seeds), by stages kept\n";
  for (const int64_t budget : run.budgets()) view.text += table(run, budget);
  view.ended = running == 0 && (run.waiting() == 0 || quiet > kQuietSeconds);
  return view;
}

}  // namespace espalier::report
