// The kernel of Normaliser.
#pragma once

#include <cstddef>
#include <span>

#include "image/batch.h"
#include "image/image.h"

namespace espalier::image {

// `centre` and `spread` hold one number for all channels, or one per channel; `format` has the
// shape of the pixels.
void normalise_pixels(const Pixels& from, std::span<const float> centre,
                      std::span<const float> spread, const SlabFormat& format, std::byte* into);

}  // namespace espalier::image
