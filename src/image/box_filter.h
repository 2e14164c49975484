// The kernel of gaussian_blur.
#pragma once

#include <cstdint>

#include "image/image.h"

namespace espalier::image {

// A box of 2 radius + 1 pixels and a share of the next one on each side; the weights are in units
// of 2^-24 and add up to no more than 2^24.
struct BoxFilter {
  int64_t radius;
  uint32_t weight, edge_weight;
};

// Three times along the rows, then three times along the columns.
void apply_thrice(const BoxFilter& filter, const Pixels& from, Image& to);

}  // namespace espalier::image
