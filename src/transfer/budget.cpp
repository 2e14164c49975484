#include "transfer/budget.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "statistics/cells.h"

namespace espalier::transfer {
namespace {

int64_t sum(const std::vector<int64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), int64_t{0});
}

Budget named(std::vector<int64_t> of_class, std::string rule) {
  const double mean = static_cast<double>(sum(of_class)) / static_cast<double>(of_class.size());
  return {std::max<int64_t>(1, std::llround(mean)), std::move(rule), std::move(of_class)};
}

}  // namespace

std::string Budget::text() const {
  if (!rule.empty()) return rule;
  return labels_per_class == 0 ? "all" : fmt::format("{} per class", labels_per_class);
}

Budget budget_per_class(int64_t labels, const std::vector<int64_t>& there) {
  if (labels == 0) return {};
  Budget budget{labels, "", there};
  for (int64_t& count : budget.of_class) count = std::min(count, labels);
  return budget;
}

Budget budget_of_total(int64_t labels, const std::vector<int64_t>& there) {
  const auto classes = static_cast<int64_t>(there.size());
  check(labels >= classes, Kind::kUsage,
        "transfer.labels_total has {}, fewer than the {} classes of data.train (try: "
        "transfer.labels_total=[{}])",
        labels, classes, classes);
  check(labels <= sum(there), Kind::kUsage,
        "transfer.labels_total has {}, data.train has {} labelled images (try: "
        "transfer.labels_total=[{}])",
        labels, sum(there), sum(there));
  std::vector<int64_t> of_class(there.size());
  for (int64_t left = labels; left > 0;)
    for (size_t c = 0; c < there.size() && left > 0; ++c)
      if (of_class[c] < there[c]) {
        ++of_class[c];
        --left;
      }
  return named(std::move(of_class), fmt::format("{} total", labels));
}

Budget budget_of_percent(double percent, const std::vector<int64_t>& there) {
  std::vector<int64_t> of_class;
  for (const int64_t count : there)
    of_class.push_back(
        std::max<int64_t>(1, std::llround(percent / 100 * static_cast<double>(count))));
  return named(std::move(of_class), fmt::format("{} %", percent));
}

std::vector<Budget> make_budgets(const SweepOptions& sweep, const std::vector<int64_t>& there) {
  const int64_t largest = std::ranges::max(there);
  std::vector<Budget> budgets;
  for (const int64_t labels : sweep.labels_per_class) {
    check(
        labels <= largest, Kind::kUsage,
        "transfer.labels_per_class has {}, no class of data.train has more than {} labelled images "
        "(try: transfer.labels_per_class=[{}], or a training set with more)",
        labels, largest, largest);
    budgets.push_back(budget_per_class(labels, there));
  }
  for (const int64_t labels : sweep.labels_total) budgets.push_back(budget_of_total(labels, there));
  for (const double percent : sweep.labels_percent)
    budgets.push_back(budget_of_percent(percent, there));
  std::ranges::sort(budgets, statistics::fewer_labels, &Budget::labels_per_class);
  for (size_t i = 1; i < budgets.size(); ++i)
    check(budgets[i].labels_per_class != budgets[i - 1].labels_per_class, Kind::kUsage,
          "label budgets '{}' and '{}' are both {} images per class on average (try: one of them)",
          budgets[i - 1].text(), budgets[i].text(), budgets[i].labels_per_class);
  return budgets;
}

}  // namespace espalier::transfer
