#include "report/finding.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "core/clock.h"
#include "report/numbers.h"

namespace espalier::report {
namespace {

// "after stage 2 (conv2), tuned"
std::string cut_text(const TransferRun& run, const Row& row) {
  return fmt::format("after stage {} ({}), {}", row.cut, row.stage, run.name_of(row.line));
}

// How clear the difference of a best cut is, as the end of its sentence.
std::string confidence_text(const Row& best) {
  const Interval& gain = best.difference;
  if (std::isnan(gain.half_width)) return "; too few pairs of seeds for an interval";
  if (gain.mean + gain.half_width < 0) return "; training from scratch is better here";
  if (gain.mean - gain.half_width <= 0)
    return "; the interval includes 0, so this is no evidence of a gain";
  if (best.holm_p > kLevel)
    return fmt::format(
        "; the interval leaves out 0, but after Holm's correction the gain is not clear (p = {})",
        p_text(best.holm_p));
  return fmt::format(", clear after Holm's correction (p {}{})", best.holm_p < 0.001 ? "" : "= ",
                     p_text(best.holm_p));
}

// The row that shows the last cut: kept frozen if that was tried.
const Row* last_cut(const TransferRun& run, int64_t budget) {
  const Row* last = nullptr;
  for (const Line& line : run.lines()) {
    if (line.control) continue;
    const Row* row = run.find(budget, line, run.last_cut());
    if (row && line.mode == "frozen") return row;
    if (!last) last = row;
  }
  return last;
}

std::string last_cut_text(const TransferRun& run, const Row& best) {
  const Row* last = last_cut(run, best.labels_per_class);
  if (!last || last == &best || std::isnan(last->difference.mean)) return "";
  return fmt::format(" The last cut ({}, {}) is at {} points against scratch.", last->stage,
                     run.name_of(last->line), points(last->difference));
}

// Where no row has two seeds: the highest value, and no selection.
std::string single_seed_finding(const TransferRun& run, int64_t budget) {
  const std::string with = "With " + budget_text(budget);
  const Row* highest = statistics::best_row(run.rows, budget, /*least_n=*/1);
  if (!highest) return with + " no cut has a finished cell yet.";
  const std::string gain = std::isnan(highest->difference.mean)
                               ? ""
                               : points(highest->difference) + " points against scratch, ";
  return fmt::format(
      "{} the highest of single values is {}: {} ({}one seed of this one backbone). "
      "One seed gives no interval, so this is a direction and no evidence.",
      with, cut_text(run, *highest), percent(highest->accuracy), gain);
}

std::string budget_finding(const TransferRun& run, int64_t budget) {
  const std::string with = "With " + budget_text(budget);
  const Row* best = run.best(budget);
  const Row* scratch = run.scratch(budget);
  if (!best) return single_seed_finding(run, budget);
  if (!scratch || std::isnan(best->difference.mean))
    return fmt::format(
        "{} the best cut is {}: {} ({} of this one backbone). Training from scratch has no "
        "finished cell of these seeds, so the gain is not known.",
        with, cut_text(run, *best), percent(best->accuracy), counted(best->accuracy.n, "seed"));
  return fmt::format(
      "{} the best cut is {}: {} points against training from scratch ({} against {}, {} of this "
      "one backbone){}.{}",
      with, cut_text(run, *best), points(best->difference), percent(best->accuracy.mean),
      percent(scratch->accuracy.mean), counted(best->difference.n, "seed"), confidence_text(*best),
      last_cut_text(run, *best));
}

// What was chosen among how many, and what is corrected for it. Nothing is where no row has two
// seeds.
std::string selection_text(const TransferRun& run) {
  int64_t candidates = 0;
  for (const int64_t budget : run.budgets())
    candidates = std::max(candidates, statistics::means_compared(run.rows, budget));
  if (candidates < 2) return "";
  return fmt::format(
      "A best cut is selected: it is the highest of {} means, so the size of its gain is "
      "optimistic. Intervals are of one cut each and not corrected for that; p values are, by Holm "
      "over the {} of the sweep. No interval holds what another pretraining seed would change.",
      candidates, counted(statistics::comparisons_corrected(run.rows), "comparison"));
}

std::string waiting_text(const TransferRun& run) {
  const auto all = static_cast<int64_t>(run.cells.size());
  return fmt::format("The sweep has not ended: {} of {} have a result, and only they are shown.",
                     with_commas(all - run.waiting()), counted(all, "cell"));
}

// "2 of 195 cells ended without a value (1 diverged, 1 failed)..."
std::string holes_text(const TransferRun& run) {
  std::map<std::string, int64_t> counts;
  for (const Cell& cell : run.cells)
    if (!cell.done() && !cell.waiting())
      ++counts[cell.status.empty() ? "without a status" : cell.status];
  std::string by_status;
  for (const auto& [status, count] : counts)
    by_status += fmt::format("{}{} {}", by_status.empty() ? "" : ", ", count, status);
  return fmt::format(
      "{} of {} gave no result ({}): left out of every mean, crosses in the figures.", run.holes(),
      counted(static_cast<int64_t>(run.cells.size()), "cell"), by_status);
}

std::string stuck_text(int64_t stuck) {
  return fmt::format("{} ended at chance (stuck): the means hold them, and the table counts them.",
                     counted(stuck, "cell"));
}

}  // namespace

std::vector<std::string> findings(const TransferRun& run) {
  std::vector<std::string> paragraphs;
  for (const int64_t budget : run.budgets()) paragraphs.push_back(budget_finding(run, budget));
  if (paragraphs.empty() && run.waiting() == 0)
    paragraphs.push_back("Nothing is known of the cells of this sweep.");
  if (run.waiting() > 0) paragraphs.push_back(waiting_text(run));
  if (const std::string selection = selection_text(run); !selection.empty())
    paragraphs.push_back(selection);
  if (run.holes() > 0) paragraphs.push_back(holes_text(run));
  if (const auto stuck = std::ranges::count_if(run.cells, &Cell::stuck); stuck > 0)
    paragraphs.push_back(stuck_text(stuck));
  return paragraphs;
}

std::string finding(const PretrainRun& run) {
  const Scalar* loss = run.find("loss");
  if (!loss || loss->values.empty()) return run.name + " has logged no loss yet.";
  std::string text = fmt::format("{}: {}, the loss went from {} to {}", run.name,
                                 counted(std::llround(loss->steps.back()), "step"),
                                 compact(loss->values.front()), compact(loss->values.back()));
  for (const Scalar& scalar : run.scalars) {
    if (!scalar.name.ends_with("accuracy")) continue;
    text += fmt::format("; {} is {} at the end", scalar.name, percent(scalar.values.back()));
    if (scalar.steps.front() == 0 && scalar.steps.size() > 1)
      text += fmt::format(", {} of the untrained network", percent(scalar.values.front()));
  }
  text += ".";
  const std::string prefix = "warning_";
  for (const Scalar& scalar : run.scalars)
    if (scalar.name.starts_with(prefix))
      text += fmt::format(" It was warned of {} after step {} (see log.txt).",
                          scalar.name.substr(prefix.size()), compact(scalar.steps.front()));
  return text;
}

}  // namespace espalier::report
