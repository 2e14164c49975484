#include "image/rotate.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numbers>

#include "core/error.h"
#include "image/geometry.h"
#include "image/rotate_pixels.h"

namespace espalier::image {
namespace {

// To the nearest number of 15 decimal places.
double to_15_places(double value) {
  char text[32];
  std::snprintf(text, sizeof(text), "%.15f", value);
  return std::strtod(text, nullptr);
}

Affine rotation(double degrees, int64_t height, int64_t width) {
  const double angle = -(degrees * (std::numbers::pi / 180.0));
  const double cosine = to_15_places(std::cos(angle)), sine = to_15_places(std::sin(angle));
  const double x = static_cast<double>(width) / 2, y = static_cast<double>(height) / 2;
  return {cosine,
          sine,
          cosine * -x + sine * -y + 0.0 + x,
          to_15_places(-std::sin(angle)),
          cosine,
          to_15_places(-std::sin(angle)) * -x + cosine * -y + 0.0 + y};
}

}  // namespace

void rotate(const Pixels& from, double degrees, Interpolation interpolation, Image& to) {
  check(std::isfinite(degrees), Kind::kUsage, "rotation by {} degrees", degrees);
  degrees = std::fmod(degrees, 360.0);
  if (degrees < 0) degrees += 360.0;
  const double quarters = degrees / 90;
  if (quarters == 0 || quarters == 2 ||
      (quarters == std::floor(quarters) && from.height == from.width)) {
    return rotate90(from, static_cast<int64_t>(quarters), to);
  }
  to.reshape(from.height, from.width, from.channels);
  std::ranges::fill(to.pixels, 0);
  const Affine transform = rotation(degrees, from.height, from.width);
  switch (interpolation) {
    case Interpolation::kNearest:
      return fill_nearest(from, transform, to);
    case Interpolation::kBilinear:
      return fill_bilinear(from, transform, to);
    case Interpolation::kBicubic:
      return fill_bicubic(from, transform, to);
  }
}

}  // namespace espalier::image
