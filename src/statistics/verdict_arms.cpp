#include "statistics/verdict_arms.h"

#include <algorithm>
#include <cmath>

namespace espalier::statistics {
namespace {

std::optional<Candidate> with_factor(const std::vector<Candidate>& list, double factor) {
  for (const Candidate& one : list)
    if (one.factor == factor) return one;
  return std::nullopt;
}

// The place of the highest validation accuracy where all have one, else of the first.
size_t chosen(const std::vector<Candidate>& list) {
  const auto unknown = [](const Candidate& one) { return std::isnan(one.validation); };
  if (std::ranges::any_of(list, unknown)) return 0;
  const auto best = std::ranges::max_element(list, {}, &Candidate::validation);
  return static_cast<size_t>(best - list.begin());
}

bool alike(const Candidate& a, const Candidate& b) {
  return a.steps == b.steps && (a.lr == b.lr || (std::isnan(a.lr) && std::isnan(b.lr)));
}

}  // namespace

VerdictArms::VerdictArms(const std::vector<Cell>& cells, const std::vector<Row>& rows)
    : cells_(cells), rows_(rows) {
  for (const Row& row : rows) {
    if (row.line.source == kOurs && head_.empty() &&
        (row.line.mode == "frozen" || row.line.mode == "tuned"))
      head_ = row.line.head;
    if (row.cut > 0) cuts_.insert(row.cut);
    if (budgets_.empty() || budgets_.back() != row.labels_per_class)
      budgets_.push_back(row.labels_per_class);
  }
}

BySeed VerdictArms::frozen(int64_t budget, int64_t cut) const {
  const auto ours = arms("frozen", kOurs, budget, cut);
  return ours.empty() ? BySeed{} : ours[0].values;
}

BySeed VerdictArms::contribution(int64_t budget, int64_t cut) const {
  const auto ours = arms("frozen", kOurs, budget, cut),
             random = arms("random_frozen", "", budget, cut);
  if (ours.empty() || random.empty() || !alike(ours[0], random[0])) return {};
  return minus(ours[0].values, random[0].values);
}

BySeed VerdictArms::tuned_gain(int64_t budget, int64_t cut) const {
  const auto [ours, random] = tuned_pair(budget, cut);
  if (ours.empty()) return {};
  return minus(ours[chosen(ours)].values, random[chosen(random)].values);
}

BySeed VerdictArms::tuned_gain_at_one_factor(int64_t budget, int64_t cut) const {
  const auto [ours, random] = tuned_pair(budget, cut);
  if (ours.empty()) return {};
  std::vector<Candidate> together = ours;
  for (size_t i = 0; i < together.size(); ++i) together[i].validation += random[i].validation;
  const size_t at = chosen(together);
  return minus(ours[at].values, random[at].values);
}

BySeed VerdictArms::lower_rate(int64_t budget, int64_t cut) const {
  std::vector<Candidate> lower = arms("tuned", kOurs, budget, cut);
  const auto full = with_factor(lower, 1);
  std::erase_if(lower, [](const Candidate& one) { return one.factor >= 1; });
  return lower.empty() || !full ? BySeed{} : minus(lower[chosen(lower)].values, full->values);
}

std::vector<Candidate> VerdictArms::arms(const std::string& mode, const std::string& source,
                                         int64_t budget, int64_t cut) const {
  std::vector<Candidate> list;
  for (const Row& row : rows_)
    if (row.labels_per_class == budget && row.cut == cut && row.line.mode == mode &&
        row.line.source == source && row.line.head == head_ && row.accuracy.n > 0)
      list.push_back({row.line.factor, row.validation, row.lr, row.steps,
                      by_seed(cells_, budget, row.line, cut)});
  return list;
}

std::pair<std::vector<Candidate>, std::vector<Candidate>> VerdictArms::tuned_pair(
    int64_t budget, int64_t cut) const {
  std::vector<Candidate> controls = arms("random_tuned", "", budget, cut), ours, random;
  if (const auto control = scratch(budget); control && !with_factor(controls, 1))
    controls.push_back(*control);
  for (const Candidate& one : arms("tuned", kOurs, budget, cut))
    if (const auto control = with_factor(controls, one.factor); control && alike(one, *control)) {
      ours.push_back(one);
      random.push_back(*control);
    }
  return {ours, random};
}

std::optional<Candidate> VerdictArms::scratch(int64_t budget) const {
  for (const Row& row : rows_)
    if (row.labels_per_class == budget && row.cut == 0 && row.accuracy.n > 0)
      return Candidate{1, row.validation, row.lr, row.steps, scratch_by_seed(cells_, budget)};
  return std::nullopt;
}

}  // namespace espalier::statistics
