// The kernel of gaussian_kernel_blur.
#pragma once

#include <span>

#include "image/image.h"

namespace espalier::image {

// The same odd number of `weights` along the rows and down the columns, in f32, rounded once; the
// image is mirrored outside without its border pixel.
void convolve(const Pixels& from, std::span<const float> weights, Image& to);

}  // namespace espalier::image
