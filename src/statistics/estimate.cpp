#include "statistics/estimate.h"

#include <algorithm>
#include <cmath>

namespace espalier::statistics {
namespace {

std::map<int64_t, std::vector<double>> clusters_of(const BySeed& values) {
  std::map<int64_t, std::vector<double>> clusters;
  for (const auto& [seed, value] : values)
    if (value.cluster != Value::kNoCluster) clusters[value.cluster].push_back(value.value);
  return clusters;
}

// P(T >= t) of the mean's distance to `bound`; certain where there is no spread.
double upper_p(const Estimate& estimate, double distance) {
  if (std::isnan(estimate.error)) return kUnknown;
  if (estimate.error == 0) return distance > 0 ? 0 : distance < 0 ? 1 : 0.5;
  return student_t_upper_p(distance / estimate.error, estimate.degrees);
}

// `spread` is what multiplies s / sqrt(n).
Estimate estimate_with(const BySeed& values, double spread) {
  const std::vector<double> independent = unit_values(values);
  Estimate result;
  result.clusters = static_cast<int64_t>(clusters_of(values).size());
  result.interval = {mean(independent), kUnknown, static_cast<int64_t>(values.size())};
  const double n = static_cast<double>(independent.size());
  if (independent.size() < 2) return result;
  result.degrees = n - 1;
  result.error = spread * sample_standard_deviation(independent) / std::sqrt(n);
  result.interval.half_width = student_t_quantile(0.975, result.degrees) * result.error;
  result.p = 2 * std::min(p_above(result, 0), p_below(result, 0));
  return result;
}

}  // namespace

BySeed minus(const BySeed& a, const BySeed& b) {
  BySeed differences;
  for (const auto& [seed, left] : a)
    if (const auto right = b.find(seed); right != b.end())
      differences[seed] = {left.value - right->second.value,
                           std::max(left.cluster, right->second.cluster)};
  return differences;
}

BySeed mean_of(const std::vector<BySeed>& all) {
  BySeed sums;
  std::map<int64_t, int64_t> counts;
  int64_t parts = 0;
  for (const BySeed& part : all) {
    parts += !part.empty();
    for (const auto& [seed, value] : part) {
      Value& sum = sums[seed];
      sum = {sum.value + value.value, std::max(sum.cluster, value.cluster)};
      ++counts[seed];
    }
  }
  std::erase_if(sums, [&](const auto& entry) { return counts[entry.first] != parts; });
  for (auto& [seed, sum] : sums) sum.value /= static_cast<double>(parts);
  return sums;
}

std::map<int64_t, double> units(const BySeed& values) {
  std::map<int64_t, double> independent;
  if (const auto clusters = clusters_of(values); clusters.size() > 1) {
    for (const auto& [cluster, members] : clusters) independent[cluster] = mean(members);
    return independent;
  }
  for (const auto& [seed, value] : values) independent[seed] = value.value;
  return independent;
}

std::vector<double> unit_values(const BySeed& values) {
  std::vector<double> list;
  for (const auto& [unit, value] : units(values)) list.push_back(value);
  return list;
}

Estimate estimate(const BySeed& values) { return estimate_with(values, 1); }

Estimate estimate_of_another(const BySeed& values) {
  const bool one = clusters_of(values).size() == 1;
  return estimate_with(values, one ? std::sqrt(static_cast<double>(values.size()) + 1) : 1);
}

double p_above(const Estimate& estimate, double bound) {
  return upper_p(estimate, estimate.interval.mean - bound);
}

double p_below(const Estimate& estimate, double bound) {
  return upper_p(estimate, bound - estimate.interval.mean);
}

double equivalence_p(const Estimate& estimate, double margin) {
  return std::max(p_above(estimate, -margin), p_below(estimate, margin));
}

}  // namespace espalier::statistics
