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

int64_t comparisons(const TransferRun& run, int64_t budget) {
  return std::count_if(run.rows.begin(), run.rows.end(), [&](const Row& row) {
    return row.labels_per_class == budget && row.cut > 0 && !std::isnan(row.difference.mean);
  });
}

// How sure the selected best may be, after what was tried.
std::string confidence_text(const TransferRun& run, const Row& best) {
  if (std::isnan(best.difference.half_width))
    return "One seed alone gives no interval, so this shows a direction and proves nothing.";
  const int64_t tried = comparisons(run, best.labels_per_class);
  const std::string selected =
      fmt::format("It was selected as the best of {}, so the size of the gain is optimistic",
                  counted(tried, "comparison"));
  const Sign sign = sign_of(best.difference);
  if (sign == Sign::kUnclear)
    return selected + ", and its interval includes 0: this is no evidence of a gain.";
  if (sign == Sign::kNegative)
    return selected + "; training from scratch is better at this budget.";
  if (std::isnan(best.holm_p))
    return selected + "; the interval is not corrected for that selection.";
  if (best.holm_p <= kLevel)
    return selected + fmt::format(
                          "; the interval itself is not corrected, but the gain stays clear "
                          "after Holm's correction (p {}{}).",
                          best.holm_p < 0.001 ? "" : "= ", p_text(best.holm_p));
  return selected + fmt::format(
                        "; the interval leaves out 0 but is not corrected, and after Holm's "
                        "correction the gain is no longer clear (p = {}).",
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
      return fmt::format(" {} loses {}: its last layers are specific to the pretext task.", where,
                         size_text(last->difference));
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
      "{} the best cut is {}: {} points over training from scratch ({} against {}, "
      "paired over {}). {}{}",
      with, cut_text(*best), points(best->difference), percent(best->accuracy.mean),
      percent(scratch->accuracy.mean), counted(best->difference.n, "seed"),
      confidence_text(run, *best), last_cut_text(run, *best));
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
  if (const int64_t holes = run.holes(); holes > 0)
    paragraphs.push_back(fmt::format(
        "{} of {} have no result and are left out of every mean; they are crosses in the figures.",
        holes, counted(static_cast<int64_t>(run.cells.size()), "cell")));
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
