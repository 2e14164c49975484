// Do two measures order the same things alike?
#pragma once

#include <span>
#include <vector>

#include "statistics/bootstrap.h"

namespace espalier::statistics {

// Kendall's tau-b of pairs (x[i], y[i]) (Kendall, "The treatment of ties in ranking problems",
// Biometrika 1945): 1 where both order alike, -1 where one is the other backwards. Pairs with a NaN
// are left out. NaN where fewer than two remain, or one of the two never changes. kBug when the
// lengths differ.
double kendall_tau(std::span<const double> x, std::span<const double> y);

struct RankCorrelation {
  int64_t n = 0;  // pairs without a NaN
  double tau = kUnknown;
  Ends ends;  // 95 %, from resampling the pairs; NaN for fewer than five
};
[[nodiscard]] RankCorrelation rank_correlation(std::span<const double> x,
                                               std::span<const double> y);

}  // namespace espalier::statistics
