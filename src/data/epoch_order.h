// One epoch's permutation of n samples, made so that neighbours in a file are read together and no
// epoch-long list is held.
//
//  1. Samples lie in blocks of `block` neighbours. The blocks are permuted (Fisher-Yates, keyed).
//  2. The blocks are dealt to the streams in turn: stream l takes the l-th, the (l + streams)-th,
//     ...
//  3. Inside a stream every `window` blocks are permuted sample by sample.
//  4. The streams give `run` samples in turn; one that is exhausted is passed over.
//
// Finding the sample at a position takes the permutation of the blocks and one window of one
// stream; positions that are near each other share both.
//
// With blocks of one sample the permutation of the blocks is the order: a full uniform shuffle.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "shards/order_facts.h"

namespace espalier::data {

class EpochOrder {
 public:
  // Called with samples [first, last), a block that the next window of a stream will need.
  using Announce = std::function<void(int64_t first, int64_t last)>;

  EpochOrder(int64_t samples, uint64_t seed, uint64_t epoch, const shards::OrderFacts& facts);

  uint64_t epoch() const { return epoch_; }
  // The most memory that such an object takes.
  static int64_t memory_bytes(int64_t samples, const shards::OrderFacts& facts);
  // The sample at `position` of the epoch. One thread at a time.
  int64_t at(int64_t position, const Announce& announce = {});

 private:
  struct Place {
    int64_t stream = 0, offset = 0;  // samples that the stream gave before
  };
  struct Window {
    int64_t number = -1, begin = 0;
    std::vector<int64_t> samples;
  };

  void measure_streams();
  int64_t largest_window() const;
  int64_t gives(int64_t stream, int64_t round) const;
  Place place(int64_t position) const;
  int64_t window_begin(int64_t stream, int64_t number) const;
  void enter(int64_t stream, int64_t number);
  template <typename Visit>
  void each_block(int64_t stream, int64_t window, const Visit& visit) const;

  int64_t samples_;
  uint64_t seed_, epoch_;
  shards::OrderFacts facts_;
  std::vector<int64_t> blocks_;         // permuted
  int64_t missing_ = 0, short_at_ = 0;  // of the block that is not full; its place in blocks_
  std::vector<int64_t> stream_size_;    // samples
  int64_t full_rounds_ = 0;             // in which every stream gives `run` samples
  std::vector<int64_t> later_rounds_;   // the positions where the rounds after those begin
  std::vector<Window> windows_;         // the one that each stream is in
};

}  // namespace espalier::data
