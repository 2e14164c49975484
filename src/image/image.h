// An 8-bit image in memory, and the key of everything drawn for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace espalier::image {

// Row-major, interleaved channels: pixel (y, x) starts at (y * width + x) * channels. 1 channel =
// grey, 3 = RGB.
struct Image {
  int64_t height = 0;
  int64_t width = 0;
  int64_t channels = 0;
  std::vector<uint8_t> pixels;

  Image() = default;
  Image(int64_t height, int64_t width, int64_t channels)
      : height(height),
        width(width),
        channels(channels),
        pixels(static_cast<size_t>(height * width * channels)) {}

  uint8_t* row(int64_t y) { return pixels.data() + y * width * channels; }
  const uint8_t* row(int64_t y) const { return pixels.data() + y * width * channels; }
  bool operator==(const Image&) const = default;
};

// What a draw for one view of one sample depends on, and nothing else (design, law 2).
struct SampleKey {
  uint64_t seed = 0;
  uint64_t epoch = 0;
  uint64_t sample = 0;  // id in the dataset
  uint64_t view = 0;
};

}  // namespace espalier::image
