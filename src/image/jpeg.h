// JPEG by libjpeg-turbo; see codec.h for what is promised.
#pragma once

#include <cstdint>
#include <span>

#include "image/codec.h"

namespace espalier::image::jpeg {

Header read_header(std::span<const uint8_t> bytes, const DecodeLimits& limits);
Decoded decode(std::span<const uint8_t> bytes, const DecodeLimits& limits);

struct Part {
  Header header;  // of the whole image
  Pixels pixels;
};

// The pixels of `box` in the image whose sides are reduced to 1 / shrink (1, 2, 4 or 8), rounded
// up, by the inverse DCT. Equal to those of the whole image; only what is needed of it is decoded,
// into `memory`, which the result points into. Damage below the box may go unseen.
Part decode_part(std::span<const uint8_t> bytes, const DecodeLimits& limits, int shrink,
                 const Box& box, Image& memory);

}  // namespace espalier::image::jpeg
