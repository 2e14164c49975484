// An 8-bit image in memory, and the key of everything drawn for it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace espalier::image {

struct Box {
  int64_t top = 0, left = 0, height = 0, width = 0;
  bool operator==(const Box&) const = default;
};

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

  // Changes the shape and keeps the memory; the pixels are then undefined.
  void reshape(int64_t new_height, int64_t new_width, int64_t new_channels) {
    height = new_height;
    width = new_width;
    channels = new_channels;
    pixels.resize(static_cast<size_t>(height * width * channels));
  }

  uint8_t* row(int64_t y) { return pixels.data() + y * width * channels; }
  const uint8_t* row(int64_t y) const { return pixels.data() + y * width * channels; }
  bool operator==(const Image&) const = default;
};

// Pixels that something else owns: an image, or a box of one. Laid out as Image, but with `stride`
// bytes from row to row. Every function that only reads an image takes these.
struct Pixels {
  const uint8_t* data = nullptr;
  int64_t height = 0, width = 0, channels = 0;
  int64_t stride = 0;

  Pixels() = default;
  Pixels(const uint8_t* data, int64_t height, int64_t width, int64_t channels, int64_t stride)
      : data(data), height(height), width(width), channels(channels), stride(stride) {}
  Pixels(const Image& image)  // NOLINT: an image is its pixels
      : Pixels(image.pixels.data(), image.height, image.width, image.channels,
               image.width * image.channels) {}

  const uint8_t* row(int64_t y) const { return data + y * stride; }
  // The pixels in `box`, which lies inside.
  Pixels part(const Box& box) const {
    return {row(box.top) + box.left * channels, box.height, box.width, channels, stride};
  }
};

// What a draw for one view of one sample depends on, and nothing else (design, law 2).
struct SampleKey {
  uint64_t seed = 0;
  uint64_t epoch = 0;
  uint64_t sample = 0;  // id in the dataset
  uint64_t view = 0;
};

}  // namespace espalier::image
