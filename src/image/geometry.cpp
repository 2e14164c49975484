#include "image/geometry.h"

#include <algorithm>

namespace espalier::image {
namespace {

// The image whose pixel (y, x) is the one at from(y, x).
template <typename From>
Image gather(const Image& image, int64_t height, int64_t width, From from) {
  Image result(height, width, image.channels);
  uint8_t* to = result.pixels.data();
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      to = std::copy_n(from(y, x), image.channels, to);
    }
  }
  return result;
}

}  // namespace

Image crop(const Image& image, const Box& box) {
  Image result(box.height, box.width, image.channels);
  const int64_t left = std::clamp<int64_t>(box.left, 0, image.width);
  const int64_t right = std::clamp<int64_t>(box.left + box.width, left, image.width);
  const int64_t top = std::clamp<int64_t>(box.top, 0, image.height);
  const int64_t bottom = std::clamp<int64_t>(box.top + box.height, top, image.height);
  for (int64_t y = top; y < bottom; ++y) {
    std::copy_n(image.row(y) + left * image.channels, (right - left) * image.channels,
                result.row(y - box.top) + (left - box.left) * image.channels);
  }
  return result;
}

Image pad(const Image& image, int64_t padding) {
  return crop(image, {-padding, -padding, image.height + 2 * padding, image.width + 2 * padding});
}

Image flip(const Image& image) {
  return gather(image, image.height, image.width, [&](int64_t y, int64_t x) {
    return image.row(y) + (image.width - 1 - x) * image.channels;
  });
}

Image rotate90(const Image& image, int64_t turns) {
  const int64_t height = image.height, width = image.width;
  const auto at = [&](int64_t y, int64_t x) { return image.row(y) + x * image.channels; };
  switch (((turns % 4) + 4) % 4) {
    case 1:
      return gather(image, width, height,
                    [&](int64_t y, int64_t x) { return at(x, width - 1 - y); });
    case 2:
      return gather(image, height, width,
                    [&](int64_t y, int64_t x) { return at(height - 1 - y, width - 1 - x); });
    case 3:
      return gather(image, width, height,
                    [&](int64_t y, int64_t x) { return at(height - 1 - x, y); });
    default:
      return image;
  }
}

}  // namespace espalier::image
