// Colour changes with the bits of Pillow 13, as torchvision's transforms use it on PIL images.
//
// Grey: L = (19595 R + 38470 G + 7471 B + 32768) / 65536. Brightness, contrast and saturation blend
// the image with black, with its mean grey, or with its grey twin, in float, clipped and truncated;
// a factor of 1 changes nothing. Hue turns PIL's 8-bit HSV; even a shift of 0 goes through HSV and
// changes many pixels a little. Images are grey (1 channel) or RGB (3); saturation and hue leave
// grey ones as they are. Pure.
#pragma once

#include <cstddef>

#include "image/image.h"

namespace espalier::image {

// One channel; a grey image stays as it is.
Image to_grey(const Image& image);

// Three channels; a grey one is repeated.
Image to_rgb(const Image& image);

void adjust_brightness(Image& image, double factor);  // factor >= 0
void adjust_contrast(Image& image, double factor);
void adjust_saturation(Image& image, double factor);
void adjust_hue(Image& image, double turn);  // in [-0.5, 0.5], a share of the full circle

}  // namespace espalier::image
