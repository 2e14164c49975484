// The weights of a resized line.
#pragma once

#include <cstdint>
#include <vector>

#include "image/resample.h"

namespace espalier::image {

constexpr int kWeightBits = 22;  // weights are in units of 2^-22

// For each place of the output: which places of the input, and by how much of each.
struct ResampleWeights {
  struct Run {
    int64_t first, count;
  };
  std::vector<Run> runs;
  std::vector<int32_t> values;  // `most` for each run
  int64_t most = 0;

  int64_t size() const { return static_cast<int64_t>(runs.size()); }
  const int32_t* of(int64_t place) const { return values.data() + place * most; }
  int64_t first() const { return runs.front().first; }
  int64_t end() const { return runs.back().first + runs.back().count; }
};

// Fills `weights`, whose memory is used again.
void compute_weights(int64_t from, int64_t to, Filter filter, ResampleWeights& weights);

}  // namespace espalier::image
