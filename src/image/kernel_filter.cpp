#include "image/kernel_filter.h"

#include <algorithm>
#include <cstdlib>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "image/kernel_filter.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace espalier::image::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

// 0 1 2 3 -> place -1 is 1, place 4 is 2.
inline int64_t mirrored(int64_t place, int64_t length) {
  return length - 1 - std::abs(length - 1 - std::abs(place));
}

// to[x] for x in [0, count), of the bytes rows[t][x].
template <class D>
HWY_INLINE void filter_down(D d, const uint8_t* const* rows, std::span<const float> weights,
                            int64_t x, int64_t count, float* HWY_RESTRICT to) {
  const hn::RebindToSigned<D> di;
  const hn::Rebind<uint8_t, D> d8;
  constexpr int64_t kLanes = hn::MaxLanes(D());
  for (; x + kLanes <= count; x += kLanes) {
    auto sum = hn::Zero(d);
    for (size_t t = 0; t < weights.size(); ++t) {
      const auto value = hn::ConvertTo(d, hn::PromoteTo(di, hn::LoadU(d8, rows[t] + x)));
      sum = hn::MulAdd(value, hn::Set(d, weights[t]), sum);
    }
    hn::StoreU(sum, d, to + x);
  }
  if constexpr (kLanes > 1) filter_down(hn::Half<D>(), rows, weights, x, count, to);
}

// to[x] of from[x + t * step].
template <class D>
HWY_INLINE void filter_along(D d, const float* HWY_RESTRICT from, std::span<const float> weights,
                             int64_t step, int64_t x, int64_t count, uint8_t* HWY_RESTRICT to) {
  const hn::Rebind<uint8_t, D> d8;
  constexpr int64_t kLanes = hn::MaxLanes(D());
  for (; x + kLanes <= count; x += kLanes) {
    auto sum = hn::Zero(d);
    const float* value = from + x;
    for (size_t t = 0; t < weights.size(); ++t, value += step) {
      sum = hn::MulAdd(hn::LoadU(d, value), hn::Set(d, weights[t]), sum);
    }
    hn::StoreU(hn::DemoteTo(d8, hn::NearestInt(sum)), d8, to + x);
  }
  if constexpr (kLanes > 1) filter_along(hn::Half<D>(), from, weights, step, x, count, to);
}

void convolve(const Pixels& from, std::span<const float> weights, Image& to) {
  const hn::ScalableTag<float> d;
  const int64_t reach = static_cast<int64_t>(weights.size()) / 2;
  const int64_t step = from.channels, count = from.width * step, border = reach * step;
  thread_local std::vector<const uint8_t*> rows;
  thread_local std::vector<float> between;  // one row, with its mirrored borders
  rows.resize(weights.size());
  between.resize(static_cast<size_t>(count + 2 * border));
  float* row = between.data() + border;
  for (int64_t y = 0; y < from.height; ++y) {
    for (int64_t t = 0; t <= 2 * reach; ++t) {
      rows[static_cast<size_t>(t)] = from.row(mirrored(y + t - reach, from.height));
    }
    filter_down(d, rows.data(), weights, 0, count, row);
    for (int64_t x = 1; x <= reach; ++x) {
      std::copy_n(row + x * step, step, row - x * step);
      std::copy_n(row + count - (x + 1) * step, step, row + count + (x - 1) * step);
    }
    filter_along(d, between.data(), weights, step, 0, count, to.row(y));
  }
}

}  // namespace espalier::image::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace espalier::image {

HWY_EXPORT(convolve);

void convolve(const Pixels& from, std::span<const float> weights, Image& to) {
  to.reshape(from.height, from.width, from.channels);
  HWY_DYNAMIC_DISPATCH(convolve)(from, weights, to);
}

}  // namespace espalier::image
#endif  // HWY_ONCE
