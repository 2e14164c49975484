// The two passes of a resize.
#pragma once

#include <cstdint>

#include "image/image.h"
#include "image/resample_weights.h"

namespace espalier::image {

// Each row becomes weights.size() pixels long.
void resample_rows(const Pixels& from, const ResampleWeights& weights, Image& to);

// The columns become weights.size() pixels long. The weights count rows from `origin`, the first
// row that `from` holds.
void resample_columns(const Pixels& from, const ResampleWeights& weights, int64_t origin,
                      Image& to);

}  // namespace espalier::image
