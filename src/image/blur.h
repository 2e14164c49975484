// Gaussian blur in two forms. Any number of channels; borders as described below. `to` takes the
// result and keeps its memory from call to call; it must not hold `from`. Any thread.
#pragma once

#include <cstdint>

#include "image/image.h"

namespace espalier::image {

// With the bits of Pillow's ImageFilter.GaussianBlur(sigma): three passes of an extended box filter
// (Gwosdek et al., 2011) along the rows, then three along the columns, each rounded to 8 bits; the
// border pixels go on outside. sigma >= 0; 0 changes nothing.
void gaussian_blur(const Pixels& from, double sigma, Image& to);

// The sampled Gaussian of `kernel` (odd) taps, as torchvision's gaussian_blur on tensors: weights
// in f32, the image mirrored outside without its border pixel, rounded to the nearest, halves to
// even. Agrees with exact arithmetic to one level. kUsage when a side is not longer than half of
// `kernel`, rounded down.
void gaussian_kernel_blur(const Pixels& from, int64_t kernel, double sigma, Image& to);

}  // namespace espalier::image
