#include "statistics/verdicts.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <optional>
#include <set>

#include "statistics/significance.h"

namespace espalier::statistics {
namespace {

// An arm that could be chosen among those of other factors.
struct Candidate {
  double factor, validation;
  BySeed values;
};

// The arms that verdicts are about.
class Sweep {
 public:
  Sweep(const std::vector<Cell>& cells, const std::vector<Row>& rows) : cells_(cells), rows_(rows) {
    for (const Row& row : rows) {
      if (row.line.source == kOurs && head_.empty() &&
          (row.line.mode == "frozen" || row.line.mode == "tuned"))
        head_ = row.line.head;
      if (row.cut > 0) cuts_.insert(row.cut);
      if (budgets_.empty() || budgets_.back() != row.labels_per_class)
        budgets_.push_back(row.labels_per_class);
    }
  }

  const std::vector<int64_t>& budgets() const { return budgets_; }
  const std::set<int64_t>& cuts() const { return cuts_; }

  // frozen - random_frozen.
  BySeed contribution(int64_t budget, int64_t cut) const {
    const auto ours = arms("frozen", kOurs, budget, cut),
               random = arms("random_frozen", "", budget, cut);
    return ours.empty() || random.empty() ? BySeed{} : minus(ours[0].values, random[0].values);
  }

  std::vector<Candidate> tuned(int64_t budget, int64_t cut) const {
    return arms("tuned", kOurs, budget, cut);
  }

  // tuned - random_tuned, of the factors that both have: each at the one that validation chose.
  BySeed tuned_gain(int64_t budget, int64_t cut) const {
    const auto [ours, random] = tuned_pair(budget, cut);
    return ours.empty() ? BySeed{} : minus(chosen(ours).values, chosen(random).values);
  }

  // The same, both at the factor whose validation is highest for the two together: were ours one more
  // draw of random weights, the luck of a choice would change nothing.
  BySeed tuned_gain_at_one_factor(int64_t budget, int64_t cut) const {
    auto [ours, random] = tuned_pair(budget, cut);
    if (ours.empty()) return {};
    for (size_t i = 0; i < ours.size(); ++i) {
      ours[i].validation += random[i].validation;
      ours[i].values = minus(ours[i].values, random[i].values);
    }
    return chosen(ours).values;
  }

  // Tuned at the chosen factor below 1 - tuned at 1.
  BySeed lower_rate(int64_t budget, int64_t cut) const {
    std::vector<Candidate> lower = tuned(budget, cut);
    const auto full = with_factor(lower, 1);
    std::erase_if(lower, [](const Candidate& one) { return one.factor >= 1; });
    return lower.empty() || !full ? BySeed{} : minus(chosen(lower).values, full->values);
  }

  template <typename Part>
  BySeed mean_over_cuts(const Part& part) const {
    std::vector<BySeed> parts;
    for (const int64_t cut : cuts_) parts.push_back(part(cut));
    return mean_of(parts);
  }

 private:
  std::vector<Candidate> arms(const std::string& mode, const std::string& source, int64_t budget,
                              int64_t cut) const {
    std::vector<Candidate> list;
    for (const Row& row : rows_)
      if (row.labels_per_class == budget && row.cut == cut && row.line.mode == mode &&
          row.line.source == source && row.line.head == head_ && row.accuracy.n > 0)
        list.push_back({row.line.factor, row.validation, by_seed(cells_, budget, row.line, cut)});
    return list;
  }

  // Of the factors that both have, in the same order.
  std::pair<std::vector<Candidate>, std::vector<Candidate>> tuned_pair(int64_t budget,
                                                                       int64_t cut) const {
    std::vector<Candidate> controls = arms("random_tuned", "", budget, cut), ours, random;
    if (!with_factor(controls, 1)) append_scratch(budget, controls);
    for (const Candidate& one : tuned(budget, cut))
      if (const auto control = with_factor(controls, one.factor)) {
        ours.push_back(one);
        random.push_back(*control);
      }
    return {ours, random};
  }

  void append_scratch(int64_t budget, std::vector<Candidate>& list) const {
    for (const Row& row : rows_)
      if (row.labels_per_class == budget && row.cut == 0 && row.accuracy.n > 0) {
        list.push_back({1, row.validation, scratch_by_seed(cells_, budget)});
        return;
      }
  }

  static std::optional<Candidate> with_factor(const std::vector<Candidate>& list, double factor) {
    for (const Candidate& one : list)
      if (one.factor == factor) return one;
    return std::nullopt;
  }

  // The highest validation accuracy where all have one, else the first.
  static const Candidate& chosen(const std::vector<Candidate>& list) {
    const auto unknown = [](const Candidate& one) { return std::isnan(one.validation); };
    if (std::ranges::any_of(list, unknown)) return list.front();
    return *std::ranges::max_element(list, {}, &Candidate::validation);
  }

  const std::vector<Cell>& cells_;
  const std::vector<Row>& rows_;
  std::string head_;
  std::set<int64_t> cuts_;
  std::vector<int64_t> budgets_;
};

void add(std::vector<Evidence>& list, const std::string& what, int64_t budget,
         const BySeed& values) {
  if (values.size() >= 2) list.push_back({what, budget, 0, estimate_of_another(values)});
}

void correct(std::vector<Evidence>& list, const std::vector<double>& p) {
  const std::vector<double> adjusted = holm(p);
  for (size_t i = 0; i < list.size(); ++i) list[i].holm_p = adjusted[i];
}

void correct(std::vector<Evidence>& list) {
  std::vector<double> p;
  for (const Evidence& one : list) p.push_back(one.difference.p);
  correct(list, p);
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

Statement judge_general(const Sweep& sweep, int64_t first, int64_t last) {
  std::vector<Evidence> evidence;
  if (first < last)
    for (const int64_t budget : sweep.budgets())
      add(evidence, "frozen", budget,
          minus(sweep.contribution(budget, first), sweep.contribution(budget, last)));
  return two_sided(std::move(evidence));
}

Statement judge_fragile(const Sweep& sweep, int64_t first, int64_t last) {
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
  correct(evidence, p);
  const bool below =
      std::ranges::any_of(evidence, [](const Evidence& one) { return one.holm_p <= kLevel; });
  const Verdict verdict = below                         ? Verdict::kSupported
                          : largest_not_below <= kLevel ? Verdict::kContradicted
                                                        : Verdict::kUndecided;
  return {verdict, std::move(evidence)};
}

}  // namespace

Verdicts judge(const std::vector<Cell>& cells, const std::vector<Row>& rows) {
  const Sweep sweep(cells, rows);
  Verdicts verdicts;
  std::vector<Evidence> better, lower_rate;
  std::set<int64_t> controlled;
  for (const int64_t budget : sweep.budgets()) {
    const auto contribution = [&](int64_t cut) { return sweep.contribution(budget, cut); };
    add(verdicts.gate, "frozen", budget, sweep.mean_over_cuts(contribution));
    add(verdicts.gate, "tuned", budget, sweep.mean_over_cuts([&](int64_t cut) {
      return sweep.tuned_gain_at_one_factor(budget, cut);
    }));
    add(better, "tuned", budget,
        sweep.mean_over_cuts([&](int64_t cut) { return sweep.tuned_gain(budget, cut); }));
    add(lower_rate, "tuned", budget,
        sweep.mean_over_cuts([&](int64_t cut) { return sweep.lower_rate(budget, cut); }));
    for (const int64_t cut : sweep.cuts())
      if (!contribution(cut).empty()) controlled.insert(cut);
  }
  if (!controlled.empty()) {
    verdicts.first = *controlled.begin();
    verdicts.last = *controlled.rbegin();
  }
  correct(verdicts.gate);
  verdicts.told_apart =
      std::ranges::any_of(verdicts.gate, [](const Evidence& one) { return one.holm_p <= kLevel; });
  verdicts.general = judge_general(sweep, verdicts.first, verdicts.last);
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
