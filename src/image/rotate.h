// Free rotation with the bits of Pillow's Image.rotate(degrees, resample).
//
//   rotate(image, 30, Interpolation::kBilinear, to);
//
// Counter-clockwise about the middle; the size stays, what is not covered is black. Any angle, any
// number of channels. Turns by 180 degrees, and of square images by 90 and 270, only move pixels.
#pragma once

#include "core/names.h"
#include "image/image.h"

namespace espalier::image {

enum class Interpolation { kNearest, kBilinear, kBicubic };  // not antialiased
constexpr auto names_of(Interpolation) {
  using enum Interpolation;
  return names<Interpolation>(
      {{kNearest, "nearest"}, {kBilinear, "bilinear"}, {kBicubic, "bicubic"}});
}

// `to` takes the result and keeps its memory from call to call; it must not hold `from`.
void rotate(const Pixels& from, double degrees, Interpolation interpolation, Image& to);

}  // namespace espalier::image
