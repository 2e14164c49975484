// Moving pixels: crop, pad, flip, quarter turns. Any number of channels; no pixel changes its
// value.
#pragma once

#include <cstddef>
#include <cstdint>

#include "image/image.h"

namespace espalier::image {

struct Box {
  int64_t top = 0, left = 0, height = 0, width = 0;
};

// The pixels in `box`. What lies outside of the image is black, as in Pillow's crop().
Image crop(const Image& image, const Box& box);

// A black border of `padding` pixels on every side.
Image pad(const Image& image, int64_t padding);

// Mirrors left and right.
Image flip(const Image& image);

// `turns` quarter turns counter-clockwise, as numpy.rot90; any integer.
Image rotate90(const Image& image, int64_t turns);

}  // namespace espalier::image
