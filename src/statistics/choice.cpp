#include "statistics/choice.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace espalier::statistics {
namespace {

// The arm with the highest mean, where `mean_of_arm` gives NaN for an arm without values.
template <typename MeanOfArm>
size_t highest(size_t arms, const MeanOfArm& mean_of_arm) {
  size_t best = 0;
  double most = -INFINITY;
  for (size_t arm = 0; arm < arms; ++arm)
    if (const double mean = mean_of_arm(arm); mean > most) {
      most = mean;
      best = arm;
    }
  return best;
}

std::vector<bool> as_good_as(const std::vector<BySeed>& accuracies, size_t best) {
  std::vector<bool> as_good(accuracies.size(), true);
  const double level = kLevel / static_cast<double>(accuracies.size() - 1);
  for (size_t arm = 0; arm < accuracies.size(); ++arm)
    if (arm != best)
      as_good[arm] = !(p_above(estimate(minus(accuracies[best], accuracies[arm])), 0) <= level);
  return as_good;
}

// What the arm chosen without a unit has at that unit.
std::vector<double> left_out_gains(const std::vector<BySeed>& accuracies, const BySeed& reference) {
  std::vector<std::map<int64_t, double>> values, gains;
  for (const BySeed& arm : accuracies) {
    values.push_back(units(arm));
    gains.push_back(units(minus(arm, reference)));
  }
  std::vector<double> at_left_out;
  for (const auto& [unit, value] : units(reference)) {
    const size_t chosen = highest(values.size(), [&, unit = unit](size_t arm) {
      double sum = 0, count = 0;
      for (const auto& [other, accuracy] : values[arm])
        if (other != unit) sum += accuracy, ++count;
      return sum / count;
    });
    if (const auto gain = gains[chosen].find(unit); gain != gains[chosen].end())
      at_left_out.push_back(gain->second);
  }
  return at_left_out;
}

}  // namespace

Selection select(const std::vector<BySeed>& accuracies, const BySeed& reference, double level) {
  constexpr double kFewUnits = 5;
  Selection selection;
  selection.best =
      highest(accuracies.size(), [&](size_t arm) { return mean(unit_values(accuracies[arm])); });
  selection.as_good = as_good_as(accuracies, selection.best);
  const Estimate gain = estimate(minus(accuracies[selection.best], reference));
  const std::vector<double> left_out = left_out_gains(accuracies, reference);
  if (std::isnan(gain.error) || left_out.size() < 2) return selection;
  selection.gain = mean(left_out);
  const double n = static_cast<double>(left_out.size());
  if (accuracies.size() > 1 && n <= kFewUnits) {
    const double half = student_t_quantile(1 - level / 2, n - 1) *
                        sample_standard_deviation(left_out) * std::sqrt(1 / n + 1 / (n - 1));
    selection.ends = {selection.gain - half, selection.gain + half};
    return selection;
  }
  const double rivals = static_cast<double>(std::ranges::count(selection.as_good, true));
  const auto reach = [&](double tail) {
    return student_t_quantile(1 - tail, gain.degrees) * gain.error;
  };
  selection.ends = {gain.interval.mean - reach(level / 2 / rivals),
                    gain.interval.mean + reach(level / 2)};
  return selection;
}

std::vector<double> frequencies(const std::vector<BySeed>& accuracies) {
  std::vector<double> frequency(accuracies.size());
  const auto chosen = bootstrap(accuracies.at(0), [&](const Seeds& seeds) {
    return static_cast<double>(highest(accuracies.size(), [&](size_t arm) {
      double sum = 0, count = 0;
      for (const int64_t seed : seeds)
        if (const auto found = accuracies[arm].find(seed); found != accuracies[arm].end())
          sum += found->second.value, ++count;
      return sum / count;
    }));
  });
  for (const double arm : chosen) ++frequency[static_cast<size_t>(arm)];
  for (double& times : frequency) times /= static_cast<double>(chosen.size());
  return frequency;
}

int64_t Choice::as_good() const { return std::ranges::count_if(candidates, &Candidate::as_good); }

Choice choose(const std::vector<Cell>& cells, const std::vector<Row>& rows,
              int64_t labels_per_class) {
  Choice choice;
  std::vector<BySeed> accuracies;
  for (const Row& row : rows) {
    if (!may_be_best(row, labels_per_class)) continue;
    choice.candidates.push_back({row, true, 0});
    accuracies.push_back(by_seed(cells, labels_per_class, row.line, row.cut));
  }
  if (accuracies.empty()) return choice;
  std::set<int64_t> budgets;
  for (const Row& row : rows) budgets.insert(row.labels_per_class);
  const Selection selection = select(accuracies, scratch_by_seed(cells, labels_per_class),
                                     kLevel / static_cast<double>(budgets.size()));
  const std::vector<double> frequency = frequencies(accuracies);
  choice.best = choice.smallest = selection.best;
  for (size_t i = 0; i < accuracies.size(); ++i) {
    choice.candidates[i].as_good = selection.as_good[i];
    choice.candidates[i].frequency = frequency[i];
    const Row &row = choice.candidates[i].row, &known = choice.smallest_row();
    if (selection.as_good[i] &&
        (row.cut < known.cut || (row.cut == known.cut && row.accuracy.mean > known.accuracy.mean)))
      choice.smallest = i;
  }
  choice.gain = selection.gain;
  choice.ends = selection.ends;
  return choice;
}

}  // namespace espalier::statistics
