// Resizing with Pillow's bits.
//
//   resize(image, 32, 32, Filter::kBicubic, Passes::kPillow13, small);
//   resize(Pixels(image).part(box), ...)    // torchvision's resized_crop: crop, then resize
//
// Separable and antialiased: the filter is widened by the factor of reduction. Weights are computed
// in double, normalised, and rounded to 22 bits; each pass rounds to 8 bits. A side that keeps its
// length has no pass. Any number of channels. Heights and widths are positive.
#pragma once

#include <cstdint>

#include "core/names.h"
#include "image/image.h"

namespace espalier::image {

enum class Filter { kBox, kBilinear, kBicubic, kLanczos };  // bicubic: a = -0.5
constexpr auto names_of(Filter) {
  using enum Filter;
  return names<Filter>(
      {{kBox, "box"}, {kBilinear, "bilinear"}, {kBicubic, "bicubic"}, {kLanczos, "lanczos"}});
}

// Which pass comes first. Up to Pillow 12 the horizontal one; since Pillow 13 the vertical one
// where the rows removed are more than twice the columns removed.
enum class Passes { kPillow13, kPillow12 };
constexpr auto names_of(Passes) {
  using enum Passes;
  return names<Passes>({{kPillow13, "pillow13"}, {kPillow12, "pillow12"}});
}

// `to` takes the result and keeps its memory from call to call; it must not hold `from`.
void resize(const Pixels& from, int64_t height, int64_t width, Filter filter, Passes passes,
            Image& to);

}  // namespace espalier::image
