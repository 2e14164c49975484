#include "image/colour.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numbers>
#include <numeric>

#include "image/colour_pixels.h"
#include "image/geometry.h"
#include "image/table.h"

namespace espalier::image {
namespace {

// `from` for a factor of 0, `to` for 1, clipped beyond.
uint8_t blend(int from, int to, float factor) {
  const float value = static_cast<float>(from) + factor * static_cast<float>(to - from);
  return static_cast<uint8_t>(std::clamp(value, 0.0f, 255.0f));
}

void blend_with_constant(const Pixels& from, int constant, double factor, Image& to) {
  Table table;
  for (int value = 0; value < 256; ++value) {
    table[value] = blend(constant, value, static_cast<float>(factor));
  }
  look_up(from, {&table, 1}, to);
}

int mean_grey(const Pixels& from) {
  int64_t sum = 0;
  if (from.channels == 3) {
    sum = sum_of_greys(from);
  } else {
    for (int64_t y = 0; y < from.height; ++y) {
      sum = std::accumulate(from.row(y), from.row(y) + from.width, sum);
    }
  }
  const double count = static_cast<double>(from.height * from.width);
  return static_cast<int>(static_cast<double>(sum) / count + 0.5);
}

}  // namespace

void take_colours_out(const Pixels& from, Image& to) {
  from.channels == 1 ? copy(from, to) : grey_pixels(from, to);
}

void to_grey(const Pixels& from, Image& to) {
  if (from.channels == 1) return copy(from, to);
  to.reshape(from.height, from.width, 1);
  for (int64_t y = 0; y < from.height; ++y) {
    const uint8_t* pixel = from.row(y);
    uint8_t* grey = to.row(y);
    for (int64_t x = 0; x < from.width; ++x, pixel += 3) {
      grey[x] = static_cast<uint8_t>(
          (19595 * pixel[0] + 38470 * pixel[1] + 7471 * pixel[2] + 0x8000) >> 16);
    }
  }
}

void to_rgb(const Pixels& from, Image& to) {
  if (from.channels == 3) return copy(from, to);
  to.reshape(from.height, from.width, 3);
  for (int64_t y = 0; y < from.height; ++y) {
    for (int64_t x = 0; x < from.width; ++x) std::fill_n(to.row(y) + 3 * x, 3, from.row(y)[x]);
  }
}

void adjust_brightness(const Pixels& from, double factor, Image& to) {
  blend_with_constant(from, 0, factor, to);
}

void adjust_contrast(const Pixels& from, double factor, Image& to) {
  blend_with_constant(from, mean_grey(from), factor, to);
}

void adjust_saturation(const Pixels& from, double factor, Image& to) {
  from.channels == 1 ? copy(from, to) : saturate_pixels(from, static_cast<float>(factor), to);
}

void adjust_hue(const Pixels& from, double turn, Image& to) {
  const uint8_t shift = static_cast<uint8_t>(static_cast<int>(turn * 255));
  from.channels == 1 ? copy(from, to) : shift_hue(from, shift, to);
}

void adjust_hue_linear(const Pixels& from, double turn, Image& to) {
  if (from.channels == 1) return copy(from, to);
  // Rows: Y, I and Q of NTSC (1953), rounded so that grey has no I and Q; the rotation turns I and
  // Q, red to yellow as in HSV.
  constexpr double kYiq[3][3] = {
      {0.299, 0.587, 0.114}, {0.596, -0.274, -0.322}, {0.211, -0.523, 0.312}};
  constexpr double kRgb[3][3] = {{1, 0.956, 0.621}, {1, -0.272, -0.647}, {1, -1.107, 1.705}};
  const double angle = -turn * 2 * std::numbers::pi, c = std::cos(angle), s = std::sin(angle);
  std::array<float, 9> matrix;
  for (size_t i = 0; i < 3; ++i) {
    for (size_t j = 0; j < 3; ++j) {
      const double along = c * kYiq[1][j] - s * kYiq[2][j];
      const double across = s * kYiq[1][j] + c * kYiq[2][j];
      matrix[3 * i + j] =
          static_cast<float>(kRgb[i][0] * kYiq[0][j] + kRgb[i][1] * along + kRgb[i][2] * across);
    }
  }
  mix_channels(from, matrix, to);
}

}  // namespace espalier::image
