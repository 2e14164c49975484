#include "image/rotate.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <numbers>

#include "core/error.h"
#include "image/geometry.h"

namespace espalier::image {
namespace {

// From a place in the result to one in the image: (a x + b y + c, d x + e y + f).
struct Affine {
  double a, b, c, d, e, f;
};

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

// In steps of 1/65536 from pixel to pixel, as Pillow does it for images below 32768 pixels.
void fill_nearest(const Pixels& from, const Affine& t, Image& to) {
  const auto fixed = [](double v) { return static_cast<int64_t>(std::floor(v * 65536.0 + 0.5)); };
  const int64_t step_x = fixed(t.a), step_y = fixed(t.d);
  const int64_t row_x = fixed(t.b), row_y = fixed(t.e);
  int64_t first_x = fixed(t.c + t.a * 0.5 + t.b * 0.5);
  int64_t first_y = fixed(t.f + t.d * 0.5 + t.e * 0.5);
  for (int64_t y = 0; y < to.height; ++y, first_x += row_x, first_y += row_y) {
    uint8_t* pixel = to.row(y);
    int64_t at_x = first_x, at_y = first_y;
    for (int64_t x = 0; x < to.width; ++x, at_x += step_x, at_y += step_y) {
      const int64_t column = at_x >> 16, row = at_y >> 16;
      if (column >= 0 && column < from.width && row >= 0 && row < from.height) {
        std::copy_n(from.row(row) + column * from.channels, from.channels, pixel);
      }
      pixel += to.channels;
    }
  }
}

// The kTaps x kTaps pixels around a place, those outside of the image replaced by the nearest.
template <int kTaps>
struct Neighbours {
  const uint8_t* rows[kTaps];
  int64_t columns[kTaps];  // in bytes
  double dx, dy;           // from the pixel before the place

  Neighbours(const Pixels& from, double x, double y) {
    x -= 0.5;
    y -= 0.5;
    const double left = std::floor(x), top = std::floor(y);
    dx = x - left;
    dy = y - top;
    for (int i = 0; i < kTaps; ++i) {
      const int64_t before = i - kTaps / 2 + 1;
      rows[i] =
          from.row(std::clamp<int64_t>(static_cast<int64_t>(top) + before, 0, from.height - 1));
      columns[i] = std::clamp<int64_t>(static_cast<int64_t>(left) + before, 0, from.width - 1) *
                   from.channels;
    }
  }
};

double line(double a, double b, double at) { return a + (b - a) * at; }

double cubic(double v1, double v2, double v3, double v4, double at) {
  const double p2 = -v1 + v3, p3 = 2 * (v1 - v2) + v3 - v4, p4 = -v1 + v2 - v3 + v4;
  return v2 + at * (p2 + at * (p3 + at * p4));
}

uint8_t value_at(const Neighbours<2>& n, int64_t c) {
  const auto along = [&](int i) {
    return line(n.rows[i][n.columns[0] + c], n.rows[i][n.columns[1] + c], n.dx);
  };
  return static_cast<uint8_t>(line(along(0), along(1), n.dy));
}

uint8_t value_at(const Neighbours<4>& n, int64_t c) {
  const auto along = [&](int i) {
    const uint8_t* row = n.rows[i] + c;
    return cubic(row[n.columns[0]], row[n.columns[1]], row[n.columns[2]], row[n.columns[3]], n.dx);
  };
  const double value = cubic(along(0), along(1), along(2), along(3), n.dy);
  return static_cast<uint8_t>(std::clamp(value, 0.0, 255.0));
}

template <int kTaps>
void fill_smooth(const Pixels& from, const Affine& t, Image& to) {
  const double width = static_cast<double>(from.width), height = static_cast<double>(from.height);
  for (int64_t y = 0; y < to.height; ++y) {
    uint8_t* pixel = to.row(y);
    const double down = static_cast<double>(y) + 0.5;
    for (int64_t x = 0; x < to.width; ++x, pixel += to.channels) {
      const double along = static_cast<double>(x) + 0.5;
      const double at_x = t.a * along + t.b * down + t.c;
      const double at_y = t.d * along + t.e * down + t.f;
      if (!(at_x >= 0 && at_x < width && at_y >= 0 && at_y < height)) continue;
      const Neighbours<kTaps> around(from, at_x, at_y);
      for (int64_t c = 0; c < to.channels; ++c) pixel[c] = value_at(around, c);
    }
  }
}

}  // namespace

const std::vector<std::string>& interpolation_names() {
  static const std::vector<std::string> names = {"nearest", "bilinear", "bicubic"};
  return names;
}

Interpolation interpolation_named(const std::string& name) {
  const auto& names = interpolation_names();
  const auto found = std::find(names.begin(), names.end(), name);
  check(found != names.end(), Kind::kUsage, "there is no interpolation '{}' (there are: {})", name,
        fmt::join(names, ", "));
  return static_cast<Interpolation>(found - names.begin());
}

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
      return fill_smooth<2>(from, transform, to);
    case Interpolation::kBicubic:
      return fill_smooth<4>(from, transform, to);
  }
}

}  // namespace espalier::image
