#include "statistics/effects.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "statistics/significance.h"

namespace espalier::statistics {
namespace {

struct Named {
  const char *name, *first, *second;
};
constexpr Named kEffects[] = {{"boost", "tuned", "scratch"},
                              {"recovery", "tuned", "frozen"},
                              {"reuse", "tuned", "mean_var"},
                              {"dip", "selffer_frozen", "scratch"},
                              {"specificity", "selffer_frozen", "frozen"}};

// Lines of `mode` that may be compared with `like`: the same head, the same source unless one takes
// none, the same factor unless one is frozen.
std::vector<Line> partners(const std::vector<Line>& lines, const std::string& mode,
                           const Line& like) {
  std::vector<Line> found;
  for (const Line& line : lines)
    if (line.mode == mode && line.head == like.head &&
        (line.source == like.source || line.source.empty() || like.source.empty()) &&
        (line.factor == like.factor || line.factor == 0 || like.factor == 0))
      found.push_back(line);
  return found;
}

std::vector<int64_t> finite_budgets(const std::vector<Cell>& cells) {
  std::set<int64_t> budgets;
  for (const Cell& cell : cells)
    if (cell.labels_per_class > 0) budgets.insert(cell.labels_per_class);
  return {budgets.begin(), budgets.end()};
}

double mean_at(const BySeed& values, const Seeds& seeds) {
  double sum = 0, count = 0;
  for (const int64_t seed : seeds)
    if (const auto found = values.find(seed); found != values.end())
      sum += found->second.value, ++count;
  return sum / count;
}

// Where a curve of differences comes down to 0.
double falls_to_zero(std::vector<AtLabels> curve) {
  for (AtLabels& point : curve) point.value = -point.value;
  return labels_for(curve, 0);
}

}  // namespace

std::vector<Effect> effects(const std::vector<Cell>& cells, const std::vector<Row>& rows) {
  const std::vector<Line> lines = lines_of(rows);
  std::vector<Effect> found;
  for (const Row& row : rows)
    for (const Named& named : kEffects) {
      if (row.line.mode != named.first || row.cut == 0) continue;
      const BySeed first = by_seed(cells, row.labels_per_class, row.line, row.cut);
      const auto add = [&](const Line& line, const BySeed& second) {
        const Estimate difference = estimate(minus(first, second));
        if (difference.interval.n > 0)
          found.push_back({named.name, line, row.labels_per_class, row.cut, difference});
      };
      if (named.second == std::string("scratch"))
        add(row.line, scratch_by_seed(cells, row.labels_per_class));
      else
        for (const Line& other : partners(lines, named.second, row.line))
          add(row.line.source.empty() ? other : row.line,
              by_seed(cells, row.labels_per_class, other, row.cut));
    }
  std::vector<double> p;
  for (const Effect& effect : found) p.push_back(effect.difference.p);
  const std::vector<double> adjusted = holm(p);
  for (size_t i = 0; i < found.size(); ++i) found[i].holm_p = adjusted[i];
  return found;
}

double labels_for(const std::vector<AtLabels>& curve, double value) {
  for (size_t i = 1; i < curve.size(); ++i) {
    const AtLabels &before = curve[i - 1], &after = curve[i];
    if (!(before.value < value && after.value >= value)) continue;
    const double share = (value - before.value) / (after.value - before.value);
    return before.labels * std::pow(after.labels / before.labels, share);
  }
  return kUnknown;
}

Crossover crossover(const std::vector<Cell>& cells, const Line& line, int64_t cut) {
  std::vector<double> labels;
  std::vector<BySeed> gains;
  for (const int64_t budget : finite_budgets(cells)) {
    BySeed gain = minus(by_seed(cells, budget, line, cut), scratch_by_seed(cells, budget));
    if (gain.empty()) continue;
    labels.push_back(static_cast<double>(budget));
    gains.push_back(std::move(gain));
  }
  if (gains.size() < 2) return {};
  const auto at = [&](const Seeds& seeds) {
    std::vector<AtLabels> curve;
    for (size_t i = 0; i < labels.size(); ++i)
      curve.push_back({labels[i], mean_at(gains[i], seeds)});
    return falls_to_zero(std::move(curve));
  };
  Seeds all;
  for (const auto& [seed, gain] : gains[0]) all.push_back(seed);
  Crossover result{at(all), {}};
  if (std::isnan(result.labels) || all.size() < 2) return result;
  const std::vector<double> drawn = bootstrap(gains[0], at);
  const auto open = std::ranges::count_if(drawn, [](double k) { return std::isnan(k); });
  if (40 * open < static_cast<int64_t>(drawn.size())) result.ends = percentile_ends(drawn);
  return result;
}

double labels_of_scratch(const std::vector<Cell>& cells, const Line& line, int64_t cut,
                         int64_t labels_per_class) {
  std::vector<AtLabels> curve;
  for (const int64_t budget : finite_budgets(cells))
    if (const double value = mean(unit_values(scratch_by_seed(cells, budget))); !std::isnan(value))
      curve.push_back({static_cast<double>(budget), value});
  return labels_for(curve, mean(unit_values(by_seed(cells, labels_per_class, line, cut))));
}

}  // namespace espalier::statistics
