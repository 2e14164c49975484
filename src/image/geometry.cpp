#include "image/geometry.h"

#include <algorithm>

#include "core/error.h"
#include "image/geometry_rows.h"

namespace espalier::image {

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
  reorder(from, {.last_row_first = false, .last_column_first = true}, to);
}

void rotate90(const Pixels& from, int64_t turns, Image& to) {
  switch (((turns % 4) + 4) % 4) {
    case 1:
      return transpose(from, {.last_row_first = true, .last_column_first = false}, to);
    case 2:
      return reorder(from, {.last_row_first = true, .last_column_first = true}, to);
    case 3:
      return transpose(from, {.last_row_first = false, .last_column_first = true}, to);
    default:
      return copy(from, to);
  }
}

void erase(Image& image, const Box& box, std::span<const uint8_t> value) {
  const int64_t channels = image.channels;
  const bool one = value.size() == 1;
  check(one || static_cast<int64_t>(value.size()) == channels, Kind::kUsage,
        "{} values to erase with in an image of {} channels", value.size(), channels);
  const int64_t left = std::clamp<int64_t>(box.left, 0, image.width);
  const int64_t right = std::clamp<int64_t>(box.left + box.width, left, image.width);
  const int64_t top = std::clamp<int64_t>(box.top, 0, image.height);
  const int64_t bottom = std::clamp<int64_t>(box.top + box.height, top, image.height);
  for (int64_t y = top; y < bottom; ++y) {
    uint8_t* pixel = image.row(y) + left * channels;
    if (one) std::fill_n(pixel, (right - left) * channels, value[0]);
    for (int64_t x = left; x < right && !one; ++x) pixel = std::ranges::copy(value, pixel).out;
  }
}

}  // namespace espalier::image
