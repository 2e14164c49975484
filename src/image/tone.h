// Changes of tone with the bits of Pillow's ImageOps: each channel through a table of 256 values.
// At most 4 channels for equalize() and autocontrast(), any number for the others. `to` takes the
// result and keeps its memory from call to call; may work in place: `to` may be the image whose
// pixels `from` are. Any thread.
#pragma once

#include <cstdint>

#include "image/image.h"

namespace espalier::image {

// Values of `threshold` and above are inverted; 0 inverts all, 256 none.
void solarize(const Pixels& from, double threshold, Image& to);

// Keeps the upper `bits` of each value, 1 to 8.
void posterize(const Pixels& from, int64_t bits, Image& to);

// Spreads the values of each channel so that its histogram becomes flat.
void equalize(const Pixels& from, Image& to);

// Stretches each channel so that its darkest value becomes 0 and its brightest 255.
void autocontrast(const Pixels& from, Image& to);

}  // namespace espalier::image
