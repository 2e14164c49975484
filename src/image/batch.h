// A batch on its way from the loader to the tensors: one slab a view, and what is known of each
// sample.
#pragma once

#include <cstdint>
#include <vector>

namespace espalier::image {

struct ViewShape {
  int64_t channels = 0, height = 0, width = 0;
  int64_t values() const { return channels * height * width; }
  bool operator==(const ViewShape&) const = default;
};

// One view of every sample: [N, C, H, W] f32, normalised.
struct Slab {
  ViewShape shape;
  std::vector<float> values;
};

struct Batch {
  uint64_t position = 0;  // of the first sample in the endless stream of samples
  std::vector<Slab> views;
  std::vector<int64_t> samples;  // [N] ids in the dataset
  std::vector<uint64_t> epochs;  // [N] a batch may straddle two epochs
  std::vector<int64_t> labels;   // [N] -1 = none
  int64_t size() const { return static_cast<int64_t>(samples.size()); }
};

}  // namespace espalier::image
