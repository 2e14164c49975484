#include "statistics/significance.h"

#include <algorithm>
#include <bit>
#include <cmath>

#include "core/random.h"
#include "statistics/student.h"

namespace espalier::statistics {
namespace {

constexpr size_t kMostExact = 20;
constexpr int64_t kDraws = 100'000;

// Sums that rounding alone sets apart count as equal.
double nearly(std::span<const double> values, double observed) {
  double size = 0;
  for (const double value : values) size += std::abs(value);
  return std::abs(observed) - 1e-12 * size;
}

// Over all signs but that of the first value, since a sum and its negative are as far from 0. Each
// step changes one sign, as in a Gray code.
double exact_share(std::span<const double> values, double sum) {
  const double least = nearly(values, sum);
  const uint64_t changes = uint64_t{1} << (values.size() - 1);
  std::vector<double> signs(values.size(), 1);
  uint64_t as_far = 1;
  for (uint64_t i = 1; i < changes; ++i) {
    const auto at = static_cast<size_t>(std::countr_zero(i)) + 1;
    signs[at] = -signs[at];
    sum += 2 * signs[at] * values[at];
    as_far += std::abs(sum) >= least;
  }
  return static_cast<double>(as_far) / static_cast<double>(changes);
}

double drawn_share(std::span<const double> values, double observed) {
  const double least = nearly(values, observed);
  int64_t as_far = 1;
  Draw draw(0, "sign flip");
  for (int64_t i = 0; i < kDraws; ++i) {
    double sum = 0;
    uint64_t bits = 0;
    for (size_t at = 0; at < values.size(); ++at, bits >>= 1) {
      if (at % 64 == 0) bits = draw.u64();
      sum += bits & 1 ? values[at] : -values[at];
    }
    as_far += std::abs(sum) >= least;
  }
  return static_cast<double>(as_far) / static_cast<double>(kDraws + 1);
}

}  // namespace

std::vector<double> holm(std::span<const double> p) {
  std::vector<size_t> order;
  for (size_t i = 0; i < p.size(); ++i)
    if (!std::isnan(p[i])) order.push_back(i);
  std::stable_sort(order.begin(), order.end(), [&](size_t a, size_t b) { return p[a] < p[b]; });
  std::vector<double> adjusted(p.size(), kUnknown);
  double running = 0;
  for (size_t rank = 0; rank < order.size(); ++rank) {
    running = std::max(running, static_cast<double>(order.size() - rank) * p[order[rank]]);
    adjusted[order[rank]] = std::min(1.0, running);
  }
  return adjusted;
}

double sign_flip_p(std::span<const double> differences) {
  if (differences.size() < 2) return kUnknown;
  double sum = 0;
  for (const double value : differences) sum += value;
  return differences.size() <= kMostExact ? exact_share(differences, sum)
                                          : drawn_share(differences, sum);
}

double mcnemar_p(int64_t only_first, int64_t only_second) {
  const double fewer = static_cast<double>(std::min(only_first, only_second));
  const double all = static_cast<double>(only_first + only_second);
  if (only_first == only_second) return 1;
  // Twice P(X <= fewer) of `all` fair coins.
  return std::min(1.0, 2 * regularized_incomplete_beta(all - fewer, fewer + 1, 0.5));
}

}  // namespace espalier::statistics
