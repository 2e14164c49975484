// Resizing with Pillow 13's bits.
//
//   const Image small = resize(image, 32, 32, Filter::kBicubic);
//
// Separable and antialiased: the filter is widened by the factor of reduction. Weights are computed
// in double, normalised, and rounded to 22 bits; each pass rounds to 8 bits. The horizontal pass
// comes first, except (since Pillow 13) where the rows removed are more than twice the columns
// removed. A side that keeps its length has no pass. Pure; any number of channels. Heights and
// widths are positive.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "image/geometry.h"
#include "image/image.h"

namespace espalier::image {

enum class Filter { kBox, kBilinear, kBicubic, kLanczos };  // bicubic: a = -0.5

// "box", "bilinear", "bicubic", "lanczos".
const std::vector<std::string>& filter_names();
// Throws kUsage with the legal names.
Filter filter_named(const std::string& name);

Image resize(const Image& image, int64_t height, int64_t width, Filter filter);

// crop(), then resize(): the filter sees no pixel outside of `box`, which lies in the image.
// torchvision's resized_crop.
Image resized_crop(const Image& image, const Box& box, int64_t height, int64_t width,
                   Filter filter);

}  // namespace espalier::image
