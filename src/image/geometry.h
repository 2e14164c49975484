// Moving pixels: crop, pad, flip, quarter turns. Any number of channels; no pixel changes its
// value. `to` takes the result and keeps its memory from call to call; it must not hold `from`.
#pragma once

#include <cstdint>
#include <span>

#include "image/image.h"

namespace espalier::image {

// Nothing to do where `from` are the pixels of `to`.
void copy(const Pixels& from, Image& to);

// The pixels in `box`. What lies outside of the image is black, as in Pillow's crop().
void crop(const Pixels& from, const Box& box, Image& to);

// Mirrors left and right.
void flip(const Pixels& from, Image& to);

// `turns` quarter turns counter-clockwise, as numpy.rot90; any integer.
void rotate90(const Pixels& from, int64_t turns, Image& to);

// Sets every pixel in `box`, as far as it lies inside, to `value`: one byte, or one per channel.
void erase(Image& image, const Box& box, std::span<const uint8_t> value);

}  // namespace espalier::image
