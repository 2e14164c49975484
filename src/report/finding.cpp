#include "report/finding.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "report/numbers.h"

namespace espalier::report {
namespace {

constexpr double kLevel = 0.05;

// "2.2 ± 0.5 points", of the size alone.
std::string size_text(const Interval& interval) {
  const Interval size{std::abs(interval.mean), interval.half_width, interval.n};
  std::string text = points(size);
  if (text.starts_with('+')) text.erase(0, 1);
  return text + " points";
}

// How sure the gain of a best cut may be, as the end of its sentence.
std::string confidence_text(const Row& best) {
  if (std::isnan(best.difference.half_width))
    return "; one seed gives no interval, so this is a direction and no evidence";
  switch (sign_of(best.difference)) {
    case Sign::kUnclear:
      return "; the interval includes 0, so this is no evidence of a gain";
    case Sign::kNegative:
      return "; training from scratch is better here";
    case Sign::kPositive:
      break;
  }
  if (std::isnan(best.holm_p)) return "; not corrected for the selection";
  if (best.holm_p > kLevel)
    return fmt::format(
        "; the interval leaves out 0, but after Holm's correction the gain is not clear (p = {})",
        p_text(best.holm_p));
  return fmt::format(", clear after Holm's correction (p {}{})", best.holm_p < 0.001 ? "" : "= ",
                     p_text(best.holm_p));
}

// The row that shows the last cut: kept fixed if that was tried, since then nothing hides what the
// layers hold.
const Row* last_cut(const TransferRun& run, int64_t budget) {
  if (const Row* frozen = run.find(budget, "frozen", run.last_cut())) return frozen;
  for (const std::string& mode : run.modes())
    if (!is_control(mode))
      if (const Row* row = run.find(budget, mode, run.last_cut())) return row;
  return nullptr;
}

std::string last_cut_text(const TransferRun& run, const Row& best) {
  const Row* last = last_cut(run, best.labels_per_class);
  if (!last || last == &best || std::isnan(last->difference.mean)) return "";
  const std::string where = fmt::format("The last cut ({}, {})", last->stage, last->mode);
  switch (sign_of(last->difference)) {
    case Sign::kNegative:
      return fmt::format(" {} loses {}, as last layers do that are specific to the pretext task.",
                         where, size_text(last->difference));
    case Sign::kPositive:
      return fmt::format(" {} gains {} too: even its last layers serve this task.", where,
                         size_text(last->difference));
    default:
      return fmt::format(" {} is at {} points, not clearly apart from scratch.", where,
                         points(last->difference));
  }
}

std::string budget_finding(const TransferRun& run, int64_t budget) {
  const std::string with = "With " + budget_text(budget);
  const Row* best = run.best(budget);
  const Row* scratch = run.scratch(budget);
  if (!best) return with + " no cut has a finished cell yet.";
  if (!scratch || std::isnan(best->difference.mean))
    return fmt::format(
        "{} the best cut is {}: {}. Training from scratch has no finished cell, so "
        "nothing can be said of a gain.",
        with, cut_text(*best), percent(best->accuracy));
  return fmt::format(
      "{} the best cut is {}: {} points over training from scratch ({} against {}, {}){}.{}", with,
      cut_text(*best), points(best->difference), percent(best->accuracy.mean),
      percent(scratch->accuracy.mean), counted(best->difference.n, "seed"), confidence_text(*best),
      last_cut_text(run, *best));
}

// What was chosen among how many, and what is corrected for it.
std::string selection_text(const TransferRun& run) {
  int64_t candidates = 0, comparisons = 0;
  for (const int64_t budget : run.budgets()) {
    const auto count = [&](const auto& wanted) {
      return std::count_if(run.rows.begin(), run.rows.end(), [&](const Row& row) {
        return row.labels_per_class == budget && row.cut > 0 && wanted(row);
      });
    };
    candidates =
        std::max<int64_t>(candidates, count([](const Row& row) { return !is_control(row.mode); }));
    comparisons = std::max<int64_t>(comparisons,
                                    count([](const Row& row) { return !std::isnan(row.holm_p); }));
  }
  if (candidates < 2) return "";
  const std::string selected = fmt::format(
      "A best cut is selected: it is the highest of {} means, so the size of its gain is "
      "optimistic. Intervals are "
      "of one cut each and not corrected for that;",
      candidates);
  return selected + (comparisons > 0 ? fmt::format(" p values are, by Holm over {} a label budget.",
                                                   counted(comparisons, "comparison"))
                                     : " there are no p values.");
}

// "2 of 195 cells have no result (1 failed, 1 stuck)..."
std::string holes_text(const TransferRun& run) {
  std::map<std::string, int64_t> counts;
  for (const Cell& cell : run.cells)
    if (!cell.done()) ++counts[cell.status.empty() ? "without a status" : cell.status];
  std::string by_status;
  for (const auto& [status, count] : counts)
    by_status += fmt::format("{}{} {}", by_status.empty() ? "" : ", ", count, status);
  return fmt::format(
      "{} of {} gave no result ({}): left out of every mean, crosses in the figures.", run.holes(),
      counted(static_cast<int64_t>(run.cells.size()), "cell"), by_status);
}

}  // namespace

Sign sign_of(const Interval& interval) {
  if (interval.mean - interval.half_width > 0) return Sign::kPositive;
  if (interval.mean + interval.half_width < 0) return Sign::kNegative;
  return Sign::kUnclear;
}

std::string cut_text(const Row& row) {
  return fmt::format("after stage {} ({}), {}", row.cut, row.stage, row.mode);
}

std::vector<std::string> findings(const TransferRun& run) {
  std::vector<std::string> paragraphs;
  for (const int64_t budget : run.budgets()) paragraphs.push_back(budget_finding(run, budget));
  if (paragraphs.empty()) paragraphs.push_back("No cell of the sweep has ended yet.");
  if (const std::string selection = selection_text(run); !selection.empty())
    paragraphs.push_back(selection);
  if (run.holes() > 0) paragraphs.push_back(holes_text(run));
  return paragraphs;
}

std::string finding(const PretrainRun& run) {
  const Scalar* loss = run.find("loss");
  if (!loss || loss->values.empty()) return run.name + " has logged no loss yet.";
  std::string text = fmt::format("{}: {}, the loss went from {} to {}", run.name,
                                 counted(std::llround(loss->steps.back()), "step"),
                                 compact(loss->values.front()), compact(loss->values.back()));
  for (const Scalar& scalar : run.scalars)
    if (scalar.name.ends_with("accuracy"))
      text += fmt::format("; {} is {} at the end", scalar.name, percent(scalar.values.back()));
  return text + ".";
}

}  // namespace espalier::report
