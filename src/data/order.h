// The endless stream of samples: epoch after epoch, each a new permutation of a selection (design,
// law 1).
//
// What stands at a position is a function of (selection, seed, position) alone; batch size, ranks
// and threads do not enter. Step s of a run with global batch B takes positions [s * B, (s + 1) *
// B), which may straddle two epochs. One thread at a time: the permutations of the two epochs last
// used are kept.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "data/selection.h"

namespace espalier::data {

class Order {
 public:
  // Without `shuffle` every epoch goes through the selection as it is. The selection must not be
  // empty.
  Order(Selection selection, uint64_t seed, bool shuffle = true);

  struct Place {
    uint64_t epoch = 0;
    int64_t sample = 0;
  };
  Place at(uint64_t position);

  int64_t epoch_size() const { return static_cast<int64_t>(selection_.size()); }

 private:
  struct Epoch {
    uint64_t number = 0;
    std::vector<int64_t> permutation;  // empty = not made yet
  };

  Selection selection_;
  uint64_t seed_;
  bool shuffle_;
  std::array<Epoch, 2> epochs_;  // by parity of the epoch
};

// Steps that `epochs` take over `samples` samples: ceil(epochs * samples / batch). The last batch
// is full and runs on into the next epoch.
int64_t steps_for_epochs(int64_t epochs, int64_t samples, int64_t batch);

}  // namespace espalier::data
