#include "image/resample.h"

#include "image/geometry.h"
#include "image/resample_pass.h"
#include "image/resample_weights.h"

namespace espalier::image {

void resize(const Pixels& from, int64_t height, int64_t width, Filter filter, Passes passes,
            Image& to) {
  if (from.height == height && from.width == width) return copy(from, to);
  thread_local ResampleWeights down, along;
  if (from.height != height) compute_weights(from.height, height, filter, down);
  if (from.width == width) return resample_columns(from, down, 0, to);
  compute_weights(from.width, width, filter, along);
  if (from.height == height) return resample_rows(from, along, to);
  thread_local Image between;
  const int64_t rows_removed = from.height - height;
  if (passes == Passes::kPillow13 && rows_removed > 0 && rows_removed > 2 * (from.width - width)) {
    resample_columns(from, down, 0, between);
    return resample_rows(between, along, to);
  }
  const int64_t top = down.first();
  resample_rows(from.part({top, 0, down.end() - top, from.width}), along, between);
  resample_columns(between, down, top, to);
}

}  // namespace espalier::image
