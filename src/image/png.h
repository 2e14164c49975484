// PNG by libpng; see codec.h for what is promised.
#pragma once

#include <cstdint>
#include <span>

#include "image/codec.h"

namespace espalier::image::png {

Header read_header(std::span<const uint8_t> bytes, const DecodeLimits& limits);
// Into `memory`, which is used again.
Header decode(std::span<const uint8_t> bytes, const DecodeLimits& limits, Image& memory);

}  // namespace espalier::image::png
