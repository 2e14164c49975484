// Colour changes with the bits of Pillow 13, as torchvision's transforms use it on PIL images.
//
// Grey: L = (19595 R + 38470 G + 7471 B + 32768) / 65536. Brightness, contrast and saturation blend
// the image with black, with its mean grey, or with its grey twin, in float, clipped and truncated;
// a factor of 1 changes nothing. Hue turns PIL's 8-bit HSV; even a shift of 0 goes through HSV and
// changes many pixels a little. Images are grey (1 channel) or RGB (3); saturation and hue leave
// grey ones as they are. `to` takes the result and keeps its memory from call to call; the
// adjustments may work in place: `to` may be the image whose pixels `from` are.
#pragma once

#include "image/image.h"

namespace espalier::image {

// The channels stay: each is the grey of the pixel. May work in place.
void take_colours_out(const Pixels& from, Image& to);

// One channel, the grey of the pixel. Not in place.
void to_grey(const Pixels& from, Image& to);

// Three channels; a grey one is repeated. Not in place.
void to_rgb(const Pixels& from, Image& to);

void adjust_brightness(const Pixels& from, double factor, Image& to);  // factor >= 0
void adjust_contrast(const Pixels& from, double factor, Image& to);
void adjust_saturation(const Pixels& from, double factor, Image& to);
void adjust_hue(const Pixels& from, double turn, Image& to);  // in [-0.5, 0.5], of the full circle

// The fast, inexact hue, used only on request: a rotation in YIQ by one matrix, as in FFCV-SSL.
// Greys keep their bits; saturated colours differ from those of adjust_hue.
void adjust_hue_linear(const Pixels& from, double turn, Image& to);

}  // namespace espalier::image
