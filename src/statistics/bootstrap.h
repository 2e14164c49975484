// Percentile intervals from resampling (Efron 1979). Every draw is keyed, so that a page is the same
// each time. Pure functions.
//
//   const Ends ends = percentile_ends(bootstrap(gain, [&](const Seeds& seeds) { ... }));
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "statistics/estimate.h"

namespace espalier::statistics {

struct Ends {
  double low = kUnknown, high = kUnknown;
};

// The middle 95 % of values, NaN not among them, by linear interpolation of their order.
[[nodiscard]] Ends percentile_ends(std::vector<double> values);

using Seeds = std::vector<int64_t>;  // a seed may come several times

// `statistic` of each of `draws` resamples of the seeds of `values`: of whole clusters where there
// are several, since their seeds share a backbone.
[[nodiscard]] std::vector<double> bootstrap(const BySeed& values,
                                            const std::function<double(const Seeds&)>& statistic,
                                            int64_t draws = 2000);

// Which test images a network has right.
using Hits = std::vector<bool>;

struct Pair {
  int64_t cluster = Value::kNoCluster;
  Hits first, second;  // of two networks of one seed, the same images in the same order
};

// The mean of first - second over seeds and images, both drawn anew at once (Owen 2007, the
// "pigeonhole bootstrap"): how far another seed and another test set of this size would change it.
[[nodiscard]] Ends two_way_bootstrap(const std::vector<Pair>& pairs, int64_t draws = 1000);

}  // namespace espalier::statistics
