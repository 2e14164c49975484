#include "data/order.h"

#include <utility>

#include "core/error.h"
#include "core/random.h"

namespace espalier::data {

Order::Order(Selection selection, uint64_t seed, bool shuffle)
    : selection_(std::move(selection)), seed_(seed), shuffle_(shuffle) {
  check(!selection_.empty(), Kind::kUsage, "the selection has no samples");
}

Order::Place Order::at(uint64_t position) {
  const uint64_t number = position / selection_.size();
  const uint64_t within = position % selection_.size();
  if (!shuffle_) return {number, selection_[within]};
  Epoch& epoch = epochs_[number % 2];
  if (epoch.permutation.empty() || epoch.number != number) {
    epoch = {number, Draw(seed_, "order", {number}).permutation(epoch_size())};
  }
  return {number, selection_[epoch.permutation[within]]};
}

int64_t steps_for_epochs(int64_t epochs, int64_t samples, int64_t batch) {
  return (epochs * samples + batch - 1) / batch;
}

}  // namespace espalier::data
