#include "image/colour.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <utility>

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

void blend_with_constant(Image& image, int constant, double factor) {
  std::array<uint8_t, 256> table;
  for (int value = 0; value < 256; ++value) {
    table[value] = blend(constant, value, static_cast<float>(factor));
  }
  for (uint8_t& pixel : image.pixels) pixel = table[pixel];
}

int mean_grey(const Image& image) {
  int64_t sum = 0;
  const size_t step = static_cast<size_t>(image.channels);
  for (size_t at = 0; at < image.pixels.size(); at += step) {
    sum += step == 3 ? grey_of(&image.pixels[at]) : image.pixels[at];
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

Image to_grey(const Image& image) {
  if (image.channels == 1) return image;
  Image grey(image.height, image.width, 1);
  for (size_t i = 0; i < grey.pixels.size(); ++i) grey.pixels[i] = grey_of(&image.pixels[3 * i]);
  return grey;
}

Image to_rgb(const Image& image) {
  if (image.channels == 3) return image;
  Image rgb(image.height, image.width, 3);
  for (size_t i = 0; i < image.pixels.size(); ++i) {
    std::fill_n(&rgb.pixels[3 * i], 3, image.pixels[i]);
  }
  return rgb;
}

void adjust_brightness(Image& image, double factor) { blend_with_constant(image, 0, factor); }

void adjust_contrast(Image& image, double factor) {
  blend_with_constant(image, mean_grey(image), factor);
}

void adjust_saturation(Image& image, double factor) {
  if (image.channels == 1) return;
  for (size_t at = 0; at < image.pixels.size(); at += 3) {
    uint8_t* rgb = &image.pixels[at];
    const int grey = grey_of(rgb);
    for (int c = 0; c < 3; ++c) rgb[c] = blend(grey, rgb[c], static_cast<float>(factor));
  }
}

void adjust_hue(Image& image, double turn) {
  if (image.channels == 1) return;
  const uint8_t shift = static_cast<uint8_t>(static_cast<int>(turn * 255));
  for (size_t at = 0; at < image.pixels.size(); at += 3) {
    Hsv hsv = hsv_of(&image.pixels[at]);
    hsv.hue = static_cast<uint8_t>(hsv.hue + shift);
    write_rgb(hsv, &image.pixels[at]);
  }
}

}  // namespace espalier::image
