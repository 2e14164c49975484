#include "statistics/bootstrap.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "core/random.h"

namespace espalier::statistics {
namespace {

double percentile(const std::vector<double>& sorted, double share) {
  const double at = share * static_cast<double>(sorted.size() - 1);
  const auto below = static_cast<size_t>(at);
  const size_t above = std::min(below + 1, sorted.size() - 1);
  return sorted[below] + (at - static_cast<double>(below)) * (sorted[above] - sorted[below]);
}

// What is drawn as a whole: the members of a cluster, or one seed where there are not several.
std::vector<std::vector<int64_t>> blocks_of(const std::vector<int64_t>& clusters) {
  std::map<int64_t, std::vector<int64_t>> by_cluster;
  for (size_t i = 0; i < clusters.size(); ++i)
    if (clusters[i] != Value::kNoCluster)
      by_cluster[clusters[i]].push_back(static_cast<int64_t>(i));
  std::vector<std::vector<int64_t>> blocks;
  if (by_cluster.size() > 1)
    for (const auto& [cluster, members] : by_cluster) blocks.push_back(members);
  else
    for (size_t i = 0; i < clusters.size(); ++i) blocks.push_back({static_cast<int64_t>(i)});
  return blocks;
}

std::vector<int64_t> draw_blocks(const std::vector<std::vector<int64_t>>& blocks, Draw& draw) {
  std::vector<int64_t> members;
  for (size_t i = 0; i < blocks.size(); ++i) {
    const auto& block =
        blocks[static_cast<size_t>(draw.below(static_cast<int64_t>(blocks.size())))];
    members.insert(members.end(), block.begin(), block.end());
  }
  return members;
}

}  // namespace

Ends percentile_ends(std::vector<double> values) {
  std::erase_if(values, [](double value) { return std::isnan(value); });
  if (values.empty()) return {};
  std::ranges::sort(values);
  return {percentile(values, 0.025), percentile(values, 0.975)};
}

std::vector<double> bootstrap(const BySeed& values,
                              const std::function<double(const Seeds&)>& statistic, int64_t draws) {
  std::vector<int64_t> seeds, clusters;
  for (const auto& [seed, value] : values) {
    seeds.push_back(seed);
    clusters.push_back(value.cluster);
  }
  const auto blocks = blocks_of(clusters);
  std::vector<double> results;
  for (int64_t i = 0; i < draws; ++i) {
    Draw draw(0, "bootstrap", {static_cast<uint64_t>(i)});
    Seeds drawn = draw_blocks(blocks, draw);
    for (int64_t& index : drawn) index = seeds[static_cast<size_t>(index)];
    results.push_back(statistic(drawn));
  }
  return results;
}

Ends two_way_bootstrap(const std::vector<Pair>& pairs, int64_t draws) {
  if (pairs.empty() || pairs[0].first.empty()) return {};
  const size_t images = pairs[0].first.size();
  std::vector<int64_t> clusters;
  std::vector<std::vector<int8_t>> differences;  // of a pair, by image
  for (const Pair& pair : pairs) {
    clusters.push_back(pair.cluster);
    std::vector<int8_t>& by_image = differences.emplace_back(images);
    for (size_t i = 0; i < images; ++i)
      by_image[i] = static_cast<int8_t>(pair.first[i] - pair.second[i]);
  }
  const auto blocks = blocks_of(clusters);
  std::vector<double> means;
  std::vector<int64_t> times(images);
  for (int64_t i = 0; i < draws; ++i) {
    Draw draw(0, "two-way bootstrap", {static_cast<uint64_t>(i)});
    const std::vector<int64_t> drawn = draw_blocks(blocks, draw);
    std::ranges::fill(times, 0);
    for (size_t image = 0; image < images; ++image)
      ++times[static_cast<size_t>(draw.below(static_cast<int64_t>(images)))];
    int64_t sum = 0;
    for (const int64_t pair : drawn)
      for (size_t image = 0; image < images; ++image)
        sum += times[image] * differences[static_cast<size_t>(pair)][image];
    means.push_back(static_cast<double>(sum) / static_cast<double>(drawn.size() * images));
  }
  return percentile_ends(std::move(means));
}

}  // namespace espalier::statistics
