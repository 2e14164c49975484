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
#include <string>
#include <vector>

#include "image/image.h"

namespace espalier::image {

enum class Filter { kBox, kBilinear, kBicubic, kLanczos };  // bicubic: a = -0.5

// "box", "bilinear", "bicubic", "lanczos".
const std::vector<std::string>& filter_names();
// Throws kUsage with the legal names.
Filter filter_named(const std::string& name);

// Which pass comes first. Up to Pillow 12 the horizontal one; since Pillow 13 the vertical one
// where the rows removed are more than twice the columns removed.
enum class Passes { kPillow13, kPillow12 };

// "pillow13", "pillow12".
const std::vector<std::string>& passes_names();
// Throws kUsage with the legal names.
Passes passes_named(const std::string& name);

// `to` takes the result and keeps its memory from call to call; it must not hold `from`.
void resize(const Pixels& from, int64_t height, int64_t width, Filter filter, Passes passes,
            Image& to);

}  // namespace espalier::image
