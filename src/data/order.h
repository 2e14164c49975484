// The endless stream of samples: epoch after epoch, each a new permutation of a selection (design,
// law 1).
//
// The sample at a position is a function of (selection, seed, position) and of the set's OrderFacts
// alone: it does not depend on batch size, ranks or threads. Step s of a run with global batch B
// takes positions [s * B, (s + 1) * B), which may straddle two epochs. One thread at a time: the
// permutations of the two epochs last used are kept.
#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "data/epoch_order.h"
#include "data/selection.h"

namespace espalier::data {

class Order {
 public:
  // Without `shuffle` every epoch takes the selection in its own order. The selection must not be
  // empty.
  Order(Selection selection, uint64_t seed, bool shuffle = true,
        const shards::OrderFacts& facts = {});
  // Samples 0 .. samples - 1, without a list of them.
  static Order of_all(int64_t samples, uint64_t seed, const shards::OrderFacts& facts = {});

  struct Place {
    uint64_t epoch = 0;
    int64_t sample = 0;
  };
  // `announce` is called with samples [first, last) that the stream will need one window later.
  Place at(uint64_t position, const EpochOrder::Announce& announce = {});

  int64_t epoch_size() const { return size_; }
  int64_t memory_bytes() const;  // at most

 private:
  Order(int64_t size, Selection selection, uint64_t seed, bool shuffle,
        const shards::OrderFacts& facts);
  int64_t selected(int64_t i) const { return selection_.empty() ? i : selection_[i]; }

  int64_t size_;
  Selection selection_;  // empty = all
  uint64_t seed_;
  bool shuffle_;
  shards::OrderFacts facts_;
  std::array<std::optional<EpochOrder>, 2> epochs_;  // by parity of the epoch
};

// Steps that `epochs` take over `samples` samples: ceil(epochs * samples / batch). The last batch
// is full and runs on into the next epoch.
[[nodiscard]] int64_t steps_for_epochs(int64_t epochs, int64_t samples, int64_t batch);

// How many streams samples [begin, end) of every batch come from. Where the shares of all ranks
// together come from more streams than there are, blocks are read by several ranks.
int64_t streams_of_share(const shards::OrderFacts& facts, int64_t batch, int64_t begin,
                         int64_t end);

}  // namespace espalier::data
