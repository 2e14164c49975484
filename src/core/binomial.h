// The interval of a share, such as an accuracy.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace espalier {

struct Share {
  double value = 0, low = 0, high = 0;
};

// `hits` of `trials`, with Wilson's interval of 95 % (Wilson, "Probable inference, the law of
// succession, and statistical inference", JASA 1927), which is right near 0 and 1 too. `trials` is
// above 0.
inline Share share_of_trials(double hits, double trials) {
  constexpr double kZ = 1.959963984540054;  // 97.5 % of the normal distribution lie below
  const double share = hits / trials, z2 = kZ * kZ / trials;
  const double middle = (share + z2 / 2) / (1 + z2);
  const double half = kZ / (1 + z2) * std::sqrt(share * (1 - share) / trials + z2 / (4 * trials));
  // Rounding leaves the share inside.
  return {share, std::clamp(middle - half, 0.0, share), std::clamp(middle + half, share, 1.0)};
}

}  // namespace espalier
