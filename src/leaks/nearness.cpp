#include "leaks/nearness.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>

#include "leaks/signature.h"
#include "shards/parallel.h"

namespace espalier::leaks {
namespace {

constexpr double kMostOfUsual = 0.5;
constexpr int64_t kFewest = 20;  // drawn images that tell what is usual

using Signatures = std::vector<std::vector<float>>;

Signatures signatures_of(const std::vector<image::Image>& thumbnails, int64_t side,
                         int64_t threads) {
  Signatures all(thumbnails.size());
  shards::parallel_for(std::ssize(thumbnails), threads,
                       [&](int64_t i) { all[i] = signature(thumbnails[i], whole(), side); });
  return all;
}

Nearest nearest_of(std::vector<float> own, const Signatures& others) {
  std::vector<float> turned = own;
  mirror(turned);
  Nearest nearest;
  nearest.fill(std::numeric_limits<float>::max());
  for (const std::vector<float>& other : others) {
    const float limit = nearest.back();
    const float found =
        std::min(squared_distance(own, other, limit), squared_distance(turned, other, limit));
    if (found >= limit) continue;
    nearest.back() = found;
    for (size_t k = kNeighbours - 1; k > 0 && nearest[k] < nearest[k - 1]; --k)
      std::swap(nearest[k], nearest[k - 1]);
  }
  return nearest;
}

double dimension_of(const std::vector<Nearest>& nearest) {
  std::vector<double> ratios;
  for (const Nearest& one : nearest)
    if (one[kNeighbours / 2 - 1] > 0)
      ratios.push_back(std::log(one.back() / one[kNeighbours / 2 - 1]) / 2);
  if (ratios.size() * 2 < nearest.size() || ratios.empty()) return 0;
  const auto middle = ratios.begin() + std::ssize(ratios) / 2;
  std::ranges::nth_element(ratios, middle);
  return *middle > 0 ? std::numbers::ln2 / *middle : 0;
}

}  // namespace

Nearness nearness(const std::vector<Nearest>& tests, int64_t drawn, int64_t images, double chance) {
  Nearness result{.usual = std::vector<float>(tests.size()),
                  .radius = std::vector<float>(tests.size())};
  if (drawn < kFewest) return result;
  result.dimension = dimension_of(tests);
  if (result.dimension == 0) return result;
  const double expected = static_cast<double>(tests.size()) * static_cast<double>(kNeighbours) *
                          static_cast<double>(images) / static_cast<double>(drawn);
  const double fraction = std::min(kMostOfUsual, std::pow(chance / expected, 1 / result.dimension));
  for (size_t i = 0; i < tests.size(); ++i) {
    result.usual[i] = std::sqrt(tests[i].back());
    result.radius[i] = static_cast<float>(fraction) * result.usual[i];
  }
  return result;
}

Nearness nearness(const std::vector<image::Image>& tests, const std::vector<image::Image>& drawn,
                  int64_t images, int64_t side, double chance, int64_t threads) {
  std::vector<Nearest> nearest(tests.size());
  if (std::ssize(drawn) >= kFewest) {
    const Signatures others = signatures_of(drawn, side, threads);
    shards::parallel_for(std::ssize(tests), threads, [&](int64_t i) {
      nearest[i] = nearest_of(signature(tests[i], whole(), side), others);
    });
  }
  return nearness(nearest, std::ssize(drawn), images, chance);
}

}  // namespace espalier::leaks
