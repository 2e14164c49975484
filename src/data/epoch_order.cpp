#include "data/epoch_order.h"

#include <algorithm>

#include "core/random.h"

namespace espalier::data {

EpochOrder::EpochOrder(int64_t samples, uint64_t seed, uint64_t epoch,
                       const shards::OrderFacts& facts)
    : samples_(samples), seed_(seed), epoch_(epoch), facts_(facts) {
  const int64_t blocks = (samples + facts.block - 1) / facts.block;
  blocks_ = Draw(seed, "order", {epoch}).permutation(blocks);
  if (facts.block == 1) return;
  missing_ = blocks * facts.block - samples;
  short_at_ = std::ranges::find(blocks_, blocks - 1) - blocks_.begin();
  windows_.resize(static_cast<size_t>(facts.streams));
  measure_streams();
}

void EpochOrder::measure_streams() {
  const auto blocks = static_cast<int64_t>(blocks_.size());
  for (int64_t stream = 0; stream < facts_.streams; ++stream) {
    const int64_t dealt = (blocks - stream + facts_.streams - 1) / facts_.streams;
    stream_size_.push_back(std::max<int64_t>(0, dealt) * facts_.block);
  }
  stream_size_[short_at_ % facts_.streams] -= missing_;
  const auto [least, most] = std::ranges::minmax(stream_size_);
  full_rounds_ = least / facts_.run;
  int64_t begin = full_rounds_ * facts_.streams * facts_.run;
  for (int64_t round = full_rounds_; round * facts_.run < most; ++round) {
    later_rounds_.push_back(begin);
    for (int64_t stream = 0; stream < facts_.streams; ++stream) begin += gives(stream, round);
  }
}

int64_t EpochOrder::largest_window() const {
  return std::min(samples_, facts_.window * facts_.block);
}

int64_t EpochOrder::memory_bytes(int64_t samples, const shards::OrderFacts& facts) {
  const int64_t blocks = (samples + facts.block - 1) / facts.block;
  if (facts.block == 1) return 8 * blocks;
  const int64_t window = 8 * std::min(samples, facts.window * facts.block) + 64;
  const int64_t later_rounds = std::min(samples, 2 * facts.block) / facts.run + 2;
  return 8 * blocks + facts.streams * window + 2 * 8 * later_rounds;  // a vector doubles
}

// How many samples a stream has for a round.
int64_t EpochOrder::gives(int64_t stream, int64_t round) const {
  return std::clamp<int64_t>(stream_size_[stream] - round * facts_.run, 0, facts_.run);
}

EpochOrder::Place EpochOrder::place(int64_t position) const {
  const int64_t round_size = facts_.streams * facts_.run;
  if (position < full_rounds_ * round_size) {
    const int64_t round = position / round_size, rest = position % round_size;
    return {rest / facts_.run, round * facts_.run + rest % facts_.run};
  }
  const auto begin = std::ranges::upper_bound(later_rounds_, position) - 1;
  const int64_t round = full_rounds_ + (begin - later_rounds_.begin());
  int64_t rest = position - *begin, stream = 0;
  for (; rest >= gives(stream, round); ++stream) rest -= gives(stream, round);
  return {stream, round * facts_.run + rest};
}

// Samples that a stream gives before its window `number`.
int64_t EpochOrder::window_begin(int64_t stream, int64_t number) const {
  const bool has_short =
      stream == short_at_ % facts_.streams && short_at_ / facts_.streams < number * facts_.window;
  return number * facts_.window * facts_.block - (has_short ? missing_ : 0);
}

int64_t EpochOrder::at(int64_t position, const Announce& announce) {
  if (facts_.block == 1) return blocks_[position];
  const auto [stream, offset] = place(position);
  int64_t number = offset / (facts_.window * facts_.block);
  if (offset >= window_begin(stream, number + 1)) ++number;
  Window& window = windows_[stream];
  if (window.number != number) {
    enter(stream, number);
    if (announce) each_block(stream, number + 1, announce);
  }
  return window.samples[offset - window.begin];
}

template <typename Visit>
void EpochOrder::each_block(int64_t stream, int64_t window, const Visit& visit) const {
  for (int64_t k = window * facts_.window; k < (window + 1) * facts_.window; ++k) {
    const int64_t at = k * facts_.streams + stream;
    if (at >= static_cast<int64_t>(blocks_.size())) return;
    const int64_t first = blocks_[at] * facts_.block;
    visit(first, std::min(first + facts_.block, samples_));
  }
}

void EpochOrder::enter(int64_t stream, int64_t number) {
  Window& window = windows_[stream];
  window.number = number;
  window.begin = window_begin(stream, number);
  window.samples.clear();
  window.samples.reserve(static_cast<size_t>(largest_window()));
  each_block(stream, number, [&](int64_t first, int64_t last) {
    for (int64_t sample = first; sample < last; ++sample) window.samples.push_back(sample);
  });
  Draw draw(seed_, "window",
            {epoch_, static_cast<uint64_t>(stream), static_cast<uint64_t>(number)});
  draw.shuffle(window.samples);
}

}  // namespace espalier::data
