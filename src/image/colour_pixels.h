// The kernels of colour.h: RGB images pixel by pixel. `to` may be the image whose pixels `from`
// are.
#pragma once

#include <array>
#include <cstdint>

#include "image/image.h"

namespace espalier::image {

// The grey of a pixel, in every channel.
void grey_pixels(const Pixels& from, Image& to);

// Over all pixels.
int64_t sum_of_greys(const Pixels& from);

// grey + factor * (channel - grey), clipped and truncated.
void saturate_pixels(const Pixels& from, float factor, Image& to);

// To 8-bit HSV, hue + shift modulo 256, and back.
void shift_hue(const Pixels& from, uint8_t shift, Image& to);

// Row i of the matrix makes channel i; rounded and clipped.
void mix_channels(const Pixels& from, const std::array<float, 9>& matrix, Image& to);

}  // namespace espalier::image
