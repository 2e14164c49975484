#include "statistics/verdicts.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "statistics/significance.h"
#include "statistics/verdict_arms.h"

namespace espalier::statistics {
namespace {

void correct_by_holm(std::vector<Evidence>& list, const std::vector<double>& p) {
  const std::vector<double> adjusted = holm(p);
  for (size_t i = 0; i < list.size(); ++i) list[i].holm_p = adjusted[i];
}

void add(std::vector<Evidence>& list, const std::string& what, int64_t budget,
         const BySeed& values) {
  if (values.size() >= 2) list.push_back({what, budget, 0, estimate_of_another(values)});
}

void correct(std::vector<Evidence>& list) {
  std::vector<double> p;
  for (const Evidence& one : list) p.push_back(one.difference.p);
  correct_by_holm(list, p);
}

// Supported where the difference is above 0 at some budget and below 0 at none.
Statement two_sided(std::vector<Evidence> evidence) {
  if (evidence.empty()) return {};
  correct(evidence);
  bool above = false, below = false;
  for (const Evidence& one : evidence)
    if (one.holm_p <= kLevel) (one.difference.interval.mean > 0 ? above : below) = true;
  const Verdict verdict = above == below ? Verdict::kUndecided
                          : above        ? Verdict::kSupported
                                         : Verdict::kContradicted;
  return {verdict, std::move(evidence)};
}

Statement judge_general(const VerdictArms& sweep, int64_t first, int64_t last) {
  std::vector<Evidence> evidence;
  if (first < last)
    for (const int64_t budget : sweep.budgets())
      add(evidence, "frozen", budget,
          minus(sweep.contribution(budget, first), sweep.contribution(budget, last)));
  return two_sided(std::move(evidence));
}

std::vector<Evidence> fall_of(const VerdictArms& sweep, int64_t first, int64_t last) {
  std::vector<Evidence> evidence;
  if (first < last)
    for (const int64_t budget : sweep.budgets())
      add(evidence, "frozen", budget,
          minus(sweep.frozen(budget, first), sweep.frozen(budget, last)));
  correct(evidence);
  return evidence;
}

bool is_clear_fall(const Evidence& one) {
  return one.holm_p <= kLevel && one.difference.interval.mean > 0;
}

Statement judge_fragile(const VerdictArms& sweep, int64_t first, int64_t last) {
  std::vector<Evidence> evidence;
  std::vector<double> p;
  double largest_not_below = 0;  // all must be shown: an intersection-union test
  for (const int64_t budget : sweep.budgets())
    for (const int64_t cut : sweep.cuts()) {
      if (cut <= first || cut >= last) continue;
      const BySeed middle = sweep.contribution(budget, cut);
      const Estimate a = estimate_of_another(minus(middle, sweep.contribution(budget, first)));
      const Estimate b = estimate_of_another(minus(middle, sweep.contribution(budget, last)));
      if (std::isnan(a.p) || std::isnan(b.p)) continue;
      // Below both ends: both must be shown. Not below the lower end: one of two is enough.
      p.push_back(std::max(p_below(a, 0), p_below(b, 0)));
      const double not_below = 2 * std::min(p_above(a, -kMargin), p_above(b, -kMargin));
      largest_not_below = std::max(largest_not_below, not_below);
      evidence.push_back({"frozen", budget, cut, a.interval.mean > b.interval.mean ? a : b});
    }
  if (evidence.empty()) return {};
  correct_by_holm(evidence, p);
  const bool below =
      std::ranges::any_of(evidence, [](const Evidence& one) { return one.holm_p <= kLevel; });
  const Verdict verdict = below                         ? Verdict::kSupported
                          : largest_not_below <= kLevel ? Verdict::kContradicted
                                                        : Verdict::kUndecided;
  return {verdict, std::move(evidence)};
}

std::vector<Evidence> ask_gate(const VerdictArms& sweep) {
  std::vector<Evidence> evidence;
  for (const bool frozen : {true, false})
    for (const int64_t budget : sweep.budgets()) {
      std::vector<BySeed> gains;
      for (const int64_t cut : sweep.cuts())
        gains.push_back(frozen ? sweep.contribution(budget, cut)
                               : sweep.tuned_gain_at_one_factor(budget, cut));
      add(evidence, frozen ? "frozen" : "tuned", budget, mean_of(gains));
    }
  correct(evidence);
  return evidence;
}

}  // namespace

Verdicts judge(const std::vector<Cell>& cells, const std::vector<Row>& rows) {
  const VerdictArms sweep(cells, rows);
  Verdicts verdicts;
  std::vector<Evidence> better, lower_rate;
  std::set<int64_t> controlled;
  for (const int64_t budget : sweep.budgets()) {
    std::vector<BySeed> gains, rates;
    for (const int64_t cut : sweep.cuts()) {
      gains.push_back(sweep.tuned_gain(budget, cut));
      rates.push_back(sweep.lower_rate(budget, cut));
      if (!sweep.contribution(budget, cut).empty()) controlled.insert(cut);
    }
    add(better, "tuned", budget, mean_of(gains));
    add(lower_rate, "tuned", budget, mean_of(rates));
  }
  if (!controlled.empty()) {
    verdicts.first = *controlled.begin();
    verdicts.last = *controlled.rbegin();
  }
  verdicts.gate = ask_gate(sweep);
  verdicts.told_apart =
      std::ranges::any_of(verdicts.gate, [](const Evidence& one) { return one.holm_p <= kLevel; });
  verdicts.general = judge_general(sweep, verdicts.first, verdicts.last);
  verdicts.fall = fall_of(sweep, verdicts.first, verdicts.last);
  if (verdicts.general.verdict == Verdict::kContradicted &&
      std::ranges::any_of(verdicts.fall, is_clear_fall))
    verdicts.general.verdict = Verdict::kUndecided;
  verdicts.fragile = judge_fragile(sweep, verdicts.first, verdicts.last);
  verdicts.better = two_sided(std::move(better));
  verdicts.lower_rate = two_sided(std::move(lower_rate));
  if (verdicts.told_apart) return verdicts;
  for (Statement* statement :
       {&verdicts.general, &verdicts.fragile, &verdicts.better, &verdicts.lower_rate})
    if (statement->verdict != Verdict::kNotMeasured) statement->verdict = Verdict::kUndecided;
  return verdicts;
}

std::vector<Evidence> against_sources(const std::vector<Cell>& cells,
                                      const std::vector<Row>& rows) {
  std::map<std::string, std::map<int64_t, std::vector<BySeed>>> differences;
  for (const Row& row : rows) {
    if (row.cut == 0 || row.line.control || row.line.source.empty() || row.line.source == kOurs)
      continue;
    Line ours = row.line;
    ours.source = kOurs;
    differences[row.line.source][row.labels_per_class].push_back(
        minus(by_seed(cells, row.labels_per_class, ours, row.cut),
              by_seed(cells, row.labels_per_class, row.line, row.cut)));
  }
  std::vector<Evidence> evidence;
  for (const auto& [source, budgets] : differences)
    for (const auto& [budget, parts] : budgets)
      if (const BySeed mean = mean_of(parts); !mean.empty())
        evidence.push_back({source, budget, 0, estimate(mean)});
  correct(evidence);
  return evidence;
}

}  // namespace espalier::statistics
