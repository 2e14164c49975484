// A batch as the loader makes it and the tensors take it: one slab per view, and facts of each
// sample.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace espalier::image {

struct ViewShape {
  int64_t channels = 0, height = 0, width = 0;
  int64_t values() const { return channels * height * width; }
  bool operator==(const ViewShape&) const = default;
};

// How the values of one view of a sample lie in memory.
enum class Layout : uint8_t { kNchw, kNhwc };
enum class Type : uint8_t { kF32, kBf16 };

struct SlabFormat {
  ViewShape shape;
  Layout layout = Layout::kNhwc;
  Type type = Type::kF32;

  int64_t bytes() const { return shape.values() * (type == Type::kF32 ? 4 : 2); }
  bool operator==(const SlabFormat&) const = default;
};

// One view of every sample: [N, C, H, W], normalised, in the layout and type of the format.
struct Slab {
  SlabFormat format;
  std::vector<std::byte> bytes;

  std::byte* sample(int64_t i) { return bytes.data() + i * format.bytes(); }
  const std::byte* sample(int64_t i) const { return bytes.data() + i * format.bytes(); }
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
