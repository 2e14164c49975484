#include "image/geometry.h"

#include <algorithm>

namespace espalier::image {
namespace {

// The image whose pixel (y, x) is the one at place(y, x).
template <typename Place>
void gather(int64_t height, int64_t width, int64_t channels, Place place, Image& to) {
  to.reshape(height, width, channels);
  uint8_t* pixel = to.pixels.data();
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) pixel = std::copy_n(place(y, x), channels, pixel);
  }
}

}  // namespace

void copy(const Pixels& from, Image& to) {
  if (from.data != to.pixels.data()) crop(from, {0, 0, from.height, from.width}, to);
}

void crop(const Pixels& from, const Box& box, Image& to) {
  to.reshape(box.height, box.width, from.channels);
  const int64_t left = std::clamp<int64_t>(box.left, 0, from.width);
  const int64_t right = std::clamp<int64_t>(box.left + box.width, left, from.width);
  const int64_t top = std::clamp<int64_t>(box.top, 0, from.height);
  const int64_t bottom = std::clamp<int64_t>(box.top + box.height, top, from.height);
  if (right - left < box.width || bottom - top < box.height) std::ranges::fill(to.pixels, 0);
  for (int64_t y = top; y < bottom; ++y) {
    std::copy_n(from.row(y) + left * from.channels, (right - left) * from.channels,
                to.row(y - box.top) + (left - box.left) * from.channels);
  }
}

void flip(const Pixels& from, Image& to) {
  gather(
      from.height, from.width, from.channels,
      [&](int64_t y, int64_t x) { return from.row(y) + (from.width - 1 - x) * from.channels; }, to);
}

void rotate90(const Pixels& from, int64_t turns, Image& to) {
  const int64_t height = from.height, width = from.width;
  const auto at = [&](int64_t y, int64_t x) { return from.row(y) + x * from.channels; };
  switch (((turns % 4) + 4) % 4) {
    case 1:
      return gather(
          width, height, from.channels, [&](int64_t y, int64_t x) { return at(x, width - 1 - y); },
          to);
    case 2:
      return gather(
          height, width, from.channels,
          [&](int64_t y, int64_t x) { return at(height - 1 - y, width - 1 - x); }, to);
    case 3:
      return gather(
          width, height, from.channels, [&](int64_t y, int64_t x) { return at(height - 1 - x, y); },
          to);
    default:
      return copy(from, to);
  }
}

}  // namespace espalier::image
