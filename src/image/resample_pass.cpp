#include "image/resample_pass.h"

#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "image/resample_pass.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "image/strips-inl.h"

HWY_BEFORE_NAMESPACE();
namespace espalier::image::HWY_NAMESPACE {

// The weighted sum of `count` lines, `stride` apart, for kVectors vectors of columns.
template <int kVectors, class D>
HWY_INLINE void sum_lines(D d, const uint8_t* from, int64_t stride, const int32_t* weights,
                          int64_t count, uint8_t* to) {
  const hn::Rebind<uint8_t, D> d8;
  constexpr int64_t kLanes = hn::MaxLanes(D());
  hn::Vec<D> sums[kVectors];
  for (int v = 0; v < kVectors; ++v) sums[v] = hn::Set(d, 1 << (kWeightBits - 1));
  for (int64_t i = 0; i < count; ++i, from += stride) {
    const auto weight = hn::Set(d, weights[i]);
    for (int v = 0; v < kVectors; ++v) {
      sums[v] = sums[v] + hn::PromoteTo(d, hn::LoadU(d8, from + v * kLanes)) * weight;
    }
  }
  for (int v = 0; v < kVectors; ++v) {
    hn::StoreU(hn::DemoteTo(d8, hn::ShiftRight<kWeightBits>(sums[v])), d8, to + v * kLanes);
  }
}

// The columns [x, width) of one line of the output.
template <int kVectors, class D>
HWY_INLINE void sum_from(D d, int64_t x, int64_t width, const uint8_t* from, int64_t stride,
                         const int32_t* weights, int64_t count, uint8_t* to) {
  constexpr int64_t kStep = kVectors * hn::MaxLanes(D());
  for (; x + kStep <= width; x += kStep) {
    sum_lines<kVectors>(d, from + x, stride, weights, count, to + x);
  }
  if constexpr (kVectors > 1) {
    sum_from<1>(d, x, width, from, stride, weights, count, to);
  } else if constexpr (kStep > 1) {
    sum_from<1>(hn::Half<D>(), x, width, from, stride, weights, count, to);
  }
}

// Lines of `width` bytes, `stride` apart, summed into lines that are one after another.
void resample_lines(const ResampleWeights& weights, const uint8_t* from, int64_t stride,
                    int64_t width, uint8_t* to) {
  for (int64_t place = 0; place < weights.size(); ++place, to += width) {
    const auto [first, count] = weights.runs[static_cast<size_t>(place)];
    sum_from<3>(hn::ScalableTag<int32_t>(), 0, width, from + first * stride, stride,
                weights.of(place), count, to);
  }
}

void resample_rows(const Pixels& from, const ResampleWeights& weights, Image& to) {
  thread_local std::vector<uint8_t> scratch;
  const int64_t line = kStrip * from.channels;  // in a strip a pixel is a line
  scratch.resize(static_cast<size_t>((from.width + to.width) * line));
  uint8_t *columns = scratch.data(), *resampled = columns + from.width * line;
  for (int64_t top = 0; top < from.height; top += kStrip) {
    columns_of({from.data, from.stride, top, from.height}, from.width * from.channels, columns);
    resample_lines(weights, columns, line, line, resampled);
    rows_of(resampled, to.width * to.channels,
            {to.pixels.data(), to.width * to.channels, top, to.height});
  }
}

}  // namespace espalier::image::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace espalier::image {

HWY_EXPORT(resample_rows);
HWY_EXPORT(resample_lines);

void resample_rows(const Pixels& from, const ResampleWeights& weights, Image& to) {
  to.reshape(from.height, weights.size(), from.channels);
  HWY_DYNAMIC_DISPATCH(resample_rows)(from, weights, to);
}

void resample_columns(const Pixels& from, const ResampleWeights& weights, int64_t origin,
                      Image& to) {
  to.reshape(weights.size(), from.width, from.channels);
  HWY_DYNAMIC_DISPATCH(resample_lines)
  (weights, from.row(-origin), from.stride, from.width * from.channels, to.pixels.data());
}

}  // namespace espalier::image
#endif  // HWY_ONCE
