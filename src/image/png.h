// PNG by libpng; see codec.h for what is promised.
#pragma once

#include <cstdint>
#include <span>

#include "image/codec.h"

namespace espalier::image::png {

Header read_header(std::span<const uint8_t> bytes, const DecodeLimits& limits);

struct Shown {
  Header header;            // of the pixels
  bool composited = false;  // at least one pixel was not opaque
};

// Into `memory`, which is used again.
Shown decode(std::span<const uint8_t> bytes, const DecodeLimits& limits,
             const Background& background, Image& memory);

}  // namespace espalier::image::png
