// Images that look like photographs to a search for copies: smooth, and all different.
#pragma once

#include <algorithm>
#include <cmath>
#include <numbers>
#include <vector>

#include "core/random.h"
#include "image/image.h"

namespace espalier::leaks {

// Six by six waves of random height, the slow ones highest.
inline image::Image picture(uint64_t seed, int64_t side = 32, int64_t channels = 3) {
  constexpr int64_t kWaves = 6;
  Draw draw(seed, "picture");
  image::Image image(side, side, channels);
  std::vector<double> wave[kWaves];
  for (int64_t u = 0; u < kWaves; ++u)
    for (int64_t x = 0; x < side; ++x)
      wave[u].push_back(std::cos(std::numbers::pi * static_cast<double>(u * (2 * x + 1)) /
                                 static_cast<double>(2 * side)));
  for (int64_t c = 0; c < channels; ++c) {
    double heights[kWaves][kWaves];
    for (int64_t v = 0; v < kWaves; ++v)
      for (int64_t u = 0; u < kWaves; ++u)
        heights[v][u] = u + v == 0 ? 0 : 60 * draw.normal() / static_cast<double>(u + v);
    for (int64_t y = 0; y < side; ++y)
      for (int64_t x = 0; x < side; ++x) {
        double value = 128;
        for (int64_t v = 0; v < kWaves; ++v)
          for (int64_t u = 0; u < kWaves; ++u) value += heights[v][u] * wave[v][y] * wave[u][x];
        image.row(y)[x * channels + c] = static_cast<uint8_t>(std::clamp(value, 0.0, 255.0));
      }
  }
  return image;
}

inline image::Image mirrored(const image::Image& image) {
  image::Image result = image;
  for (int64_t y = 0; y < image.height; ++y)
    for (int64_t x = 0; x < image.width; ++x)
      for (int64_t c = 0; c < image.channels; ++c)
        result.row(y)[x * image.channels + c] =
            image.row(y)[(image.width - 1 - x) * image.channels + c];
  return result;
}

}  // namespace espalier::leaks
