#include "data/order.h"

#include <algorithm>
#include <numeric>
#include <utility>

#include "core/error.h"

namespace espalier::data {

Order::Order(int64_t size, Selection selection, uint64_t seed, bool shuffle,
             const shards::OrderFacts& facts)
    : size_(size), selection_(std::move(selection)), seed_(seed), shuffle_(shuffle), facts_(facts) {
  check(size_ > 0, Kind::kUsage, "the selection has no samples");
}

Order::Order(Selection selection, uint64_t seed, bool shuffle, const shards::OrderFacts& facts)
    : Order(static_cast<int64_t>(selection.size()), std::move(selection), seed, shuffle, facts) {}

Order Order::of_all(int64_t samples, uint64_t seed, const shards::OrderFacts& facts) {
  return Order(samples, {}, seed, true, facts);
}

Order::Place Order::at(uint64_t position, const EpochOrder::Announce& announce) {
  const uint64_t number = position / static_cast<uint64_t>(size_);
  const auto within = static_cast<int64_t>(position % static_cast<uint64_t>(size_));
  if (!shuffle_) return {number, selected(within)};
  std::optional<EpochOrder>& epoch = epochs_[number % 2];
  if (!epoch || epoch->epoch() != number) epoch.emplace(size_, seed_, number, facts_);
  if (!announce) return {number, selected(epoch->at(within))};
  return {number, selected(epoch->at(within, [&](int64_t first, int64_t last) {
            announce(selected(first), selected(last - 1) + 1);
          }))};
}

int64_t Order::memory_bytes() const {
  const auto list = static_cast<int64_t>(selection_.size()) * 8;
  return list + (shuffle_ ? 2 * EpochOrder::memory_bytes(size_, facts_) : 0);
}

int64_t steps_for_epochs(int64_t epochs, int64_t samples, int64_t batch) {
  return (epochs * samples + batch - 1) / batch;
}

int64_t streams_of_share(const shards::OrderFacts& facts, int64_t batch, int64_t begin,
                         int64_t end) {
  const int64_t turn = facts.streams * facts.run;
  std::vector<bool> read(static_cast<size_t>(facts.streams));
  int64_t first = begin % turn;  // of a step, within a turn: no batch is too large to compute with
  for (int64_t step = 0; step < turn / std::gcd(turn, batch); ++step) {
    const int64_t last = first + std::min(turn, end - begin);
    for (int64_t at = first / facts.run; at * facts.run < last; ++at) {
      read[at % facts.streams] = true;
    }
    first = (first + batch % turn) % turn;
  }
  return std::ranges::count(read, true);
}

}  // namespace espalier::data
