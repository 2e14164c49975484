#include "pretext/blocks/permutations.h"

#include <algorithm>
#include <bit>
#include <map>
#include <mutex>
#include <numeric>

#include "core/error.h"

namespace espalier::pretext {
namespace {

// Four bits a place, the first in the lowest.
using Packed = uint64_t;

// In how many places they differ.
int32_t hamming(Packed a, Packed b) {
  Packed different = a ^ b;
  different |= different >> 2;
  different |= different >> 1;
  return std::popcount(different & 0x1111111111111111U);
}

std::vector<Packed> all_permutations(int64_t things) {
  Permutation order(static_cast<size_t>(things));
  std::iota(order.begin(), order.end(), 0);
  std::vector<Packed> all;
  do {
    Packed packed = 0;
    for (size_t place = 0; place < order.size(); ++place)
      packed |= static_cast<Packed>(order[place]) << (4 * place);
    all.push_back(packed);
  } while (std::ranges::next_permutation(order).found);
  return all;
}

std::vector<Permutation> found(int64_t things, int64_t count) {
  const std::vector<Packed> all = all_permutations(things);
  std::vector<int32_t> distance(all.size());  // to those chosen, in sum; less than 0 = chosen
  std::vector<Permutation> chosen;
  for (size_t next = 0; static_cast<int64_t>(chosen.size()) < count;) {
    const Packed packed = all[next];
    Permutation& order = chosen.emplace_back();
    for (int64_t place = 0; place < things; ++place)
      order.push_back(static_cast<int64_t>(packed >> (4 * place) & 15));
    constexpr int32_t kNever = -1'000'000'000;
    distance[next] = kNever;
    for (size_t i = 0; i < all.size(); ++i) distance[i] += hamming(all[i], packed);
    next = static_cast<size_t>(std::ranges::max_element(distance) - distance.begin());
  }
  return chosen;
}

}  // namespace

int64_t permutation_count(int64_t things) {
  int64_t count = 1;
  for (int64_t i = 2; i <= things; ++i) count *= i;
  return count;
}

std::vector<Permutation> far_permutations(int64_t things, int64_t count) {
  check(things >= 1 && things <= 9 && count <= permutation_count(things), Kind::kBug,
        "there are not {} permutations of {} things", count, things);
  static std::mutex mutex;
  static std::map<std::pair<int64_t, int64_t>, std::vector<Permutation>> known;
  const std::lock_guard lock(mutex);
  std::vector<Permutation>& set = known[{things, count}];
  if (set.empty()) set = found(things, count);
  return set;
}

}  // namespace espalier::pretext
