// Tests that need no distribution, and the correction for making several. Pure functions.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace espalier::statistics {

// Holm's step-down adjustment (1979): the family-wise error stays below alpha where `adjusted <=
// alpha` is called significant, whatever the dependence. In the order given; NaN (an untested
// hypothesis) stays NaN and is not counted.
[[nodiscard]] std::vector<double> holm(std::span<const double> p);

// Two-sided p that the differences are symmetric about 0: the share of all 2^n changes of their
// signs whose sum is as far from 0 (Fisher 1935). Of more than 20 differences, of 100,000 changes
// drawn by key. NaN for fewer than two. The smallest p of n is 2^(1 - n): 0.0625 at 5, 0.004 at 9.
[[nodiscard]] double sign_flip_p(std::span<const double> differences);

// Two-sided exact p that two networks err equally often, of the images that only one of them has
// right (McNemar 1947). It is about these two runs on such images, not about other seeds.
[[nodiscard]] double mcnemar_p(int64_t only_first, int64_t only_second);

}  // namespace espalier::statistics
