#include "image/colour.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

#include "image/geometry.h"

namespace espalier::image {
namespace {

uint8_t grey_of(const uint8_t* rgb) {
  return static_cast<uint8_t>((rgb[0] * 19595 + rgb[1] * 38470 + rgb[2] * 7471 + 0x8000) >> 16);
}

// `from` for a factor of 0, `to` for 1, clipped beyond.
uint8_t blend(int from, int to, float factor) {
  const float value = static_cast<float>(from) + factor * static_cast<float>(to - from);
  return static_cast<uint8_t>(std::clamp(value, 0.0f, 255.0f));
}

// to[i] = change(from[i]) for every row; in place too.
template <typename Change>
void each_row(const Pixels& from, Image& to, Change change) {
  to.reshape(from.height, from.width, from.channels);
  for (int64_t y = 0; y < from.height; ++y) change(from.row(y), to.row(y));
}

void blend_with_constant(const Pixels& from, int constant, double factor, Image& to) {
  std::array<uint8_t, 256> table;
  for (int value = 0; value < 256; ++value) {
    table[value] = blend(constant, value, static_cast<float>(factor));
  }
  each_row(from, to, [&, count = from.width * from.channels](const uint8_t* a, uint8_t* b) {
    for (int64_t i = 0; i < count; ++i) b[i] = table[a[i]];
  });
}

int mean_grey(const Pixels& image) {
  int64_t sum = 0;
  for (int64_t y = 0; y < image.height; ++y) {
    const uint8_t* row = image.row(y);
    for (int64_t x = 0; x < image.width; ++x) {
      sum += image.channels == 3 ? grey_of(row + 3 * x) : row[x];
    }
  }
  const double count = static_cast<double>(image.height * image.width);
  return static_cast<int>(static_cast<double>(sum) / count + 0.5);
}

struct Hsv {
  uint8_t hue, saturation, value;
};

Hsv hsv_of(const uint8_t* rgb) {
  const int r = rgb[0], g = rgb[1], b = rgb[2];
  const int most = std::max({r, g, b}), least = std::min({r, g, b});
  if (most == least) return {0, 0, static_cast<uint8_t>(most)};
  const float range = static_cast<float>(most - least);
  const float red = static_cast<float>(most - r) / range;
  const float green = static_cast<float>(most - g) / range;
  const float blue = static_cast<float>(most - b) / range;
  const float sixths = r == most   ? blue - green
                       : g == most ? static_cast<float>(2.0 + red - blue)
                                   : static_cast<float>(4.0 + green - red);
  const double turns = sixths / 6.0 + 1.0;  // in [5/6, 11/6)
  const float hue = static_cast<float>(turns >= 1.0 ? turns - 1.0 : turns);
  const float saturation = range / static_cast<float>(most);
  return {static_cast<uint8_t>(hue * 255.0), static_cast<uint8_t>(saturation * 255.0),
          static_cast<uint8_t>(most)};
}

void write_rgb(const Hsv& hsv, uint8_t* rgb) {
  const auto write = [&](uint8_t r, uint8_t g, uint8_t b) { rgb[0] = r, rgb[1] = g, rgb[2] = b; };
  const uint8_t v = hsv.value;
  if (hsv.saturation == 0) return write(v, v, v);
  const double sixths = hsv.hue * 6.0 / 255.0;
  const int sector = static_cast<int>(sixths);  // 6 for a hue of 255: the same as 0
  const float rest = static_cast<float>(sixths - sector);
  const float saturation = static_cast<float>(hsv.saturation / 255.0);
  const auto scaled = [&](double share) { return static_cast<uint8_t>(v * share + 0.5); };
  const uint8_t least = scaled(1.0 - saturation);
  const uint8_t falling = scaled(1.0 - saturation * rest);
  const uint8_t rising = scaled(1.0 - saturation * (1.0 - rest));
  switch (sector % 6) {
    case 0:
      return write(v, rising, least);
    case 1:
      return write(falling, v, least);
    case 2:
      return write(least, v, rising);
    case 3:
      return write(least, falling, v);
    case 4:
      return write(rising, least, v);
    default:
      return write(v, least, falling);
  }
}

}  // namespace

void take_colours_out(const Pixels& from, Image& to) {
  if (from.channels == 1) return copy(from, to);
  each_row(from, to, [&](const uint8_t* a, uint8_t* b) {
    for (int64_t x = 0; x < 3 * from.width; x += 3) std::fill_n(b + x, 3, grey_of(a + x));
  });
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
  if (from.channels == 1) return copy(from, to);
  each_row(from, to, [&](const uint8_t* a, uint8_t* b) {
    for (int64_t x = 0; x < 3 * from.width; x += 3) {
      const int grey = grey_of(a + x);
      for (int64_t c = x; c < x + 3; ++c) b[c] = blend(grey, a[c], static_cast<float>(factor));
    }
  });
}

void adjust_hue(const Pixels& from, double turn, Image& to) {
  if (from.channels == 1) return copy(from, to);
  const uint8_t shift = static_cast<uint8_t>(static_cast<int>(turn * 255));
  each_row(from, to, [&](const uint8_t* a, uint8_t* b) {
    for (int64_t x = 0; x < 3 * from.width; x += 3) {
      Hsv hsv = hsv_of(a + x);
      hsv.hue = static_cast<uint8_t>(hsv.hue + shift);
      write_rgb(hsv, b + x);
    }
  });
}

}  // namespace espalier::image
