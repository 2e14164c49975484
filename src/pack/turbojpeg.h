// The two JPEG functions that packing needs besides image/codec.h, by libturbojpeg.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "image/image.h"

namespace espalier::pack {

// Rearranges a JPEG's coefficients, which loses nothing: turns it upright from EXIF `orientation`
// (1 = leave it) and writes it as baseline. Empty when that cannot be done, as where a side that
// would come first is no whole number of blocks. `keep_markers`: EXIF, ICC profiles and comments
// go along.
[[nodiscard]] std::vector<uint8_t> rearranged_jpeg(std::span<const uint8_t> jpeg, int orientation,
                                                   bool keep_markers);

// Grey, or YCbCr with chroma at half the resolution (4:2:0); accurate integer DCT, baseline.
[[nodiscard]] std::vector<uint8_t> encode_jpeg(const image::Image& image, int quality);

}  // namespace espalier::pack
