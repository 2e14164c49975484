#include "image/box_filter.h"

#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "image/box_filter.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "image/strips-inl.h"

HWY_BEFORE_NAMESPACE();
namespace espalier::image::HWY_NAMESPACE {

// `count` lines of bytes, `stride` apart.
template <typename Byte>
struct Lines {
  Byte* data;
  int64_t stride, count;

  Byte* at(int64_t line) const { return data + std::clamp<int64_t>(line, 0, count - 1) * stride; }
};

template <class D>
HWY_INLINE hn::Vec<D> load(D d, const uint8_t* from) {
  return hn::PromoteTo(d, hn::LoadU(hn::Rebind<uint8_t, D>(), from));
}

// The filter down the columns [x, x + lanes of D): a running sum.
template <class D>
void filter_columns(D d, const BoxFilter& filter, Lines<const uint8_t> from, int64_t x,
                    Lines<uint8_t> to) {
  const int64_t radius = filter.radius;
  const auto weight = hn::Set(d, filter.weight), edge_weight = hn::Set(d, filter.edge_weight);
  const auto half = hn::Set(d, 1u << 23);
  auto sum = load(d, from.at(0) + x) * hn::Set(d, static_cast<uint32_t>(radius + 1));
  for (int64_t y = 0; y < radius; ++y) sum = sum + load(d, from.at(y) + x);
  auto entering = load(d, from.at(radius) + x);
  for (int64_t y = 0; y < from.count; ++y) {
    const auto before = load(d, from.at(y - radius - 1) + x);
    sum = sum + entering - before;
    entering = load(d, from.at(y + radius + 1) + x);
    const auto total = sum * weight + ((before + entering) * edge_weight + half);
    hn::StoreU(hn::U8FromU32(hn::ShiftRight<24>(total)), hn::Rebind<uint8_t, D>(), to.at(y) + x);
  }
}

template <class D>
HWY_INLINE void filter_from(D d, int64_t x, int64_t width, const BoxFilter& filter,
                            Lines<const uint8_t> from, Lines<uint8_t> to) {
  constexpr int64_t kLanes = hn::MaxLanes(D());
  for (; x + kLanes <= width; x += kLanes) filter_columns(d, filter, from, x, to);
  if constexpr (kLanes > 1) filter_from(hn::Half<D>(), x, width, filter, from, to);
}

// All three passes over lines of `width` bytes; `one` and `two` have room for all of them.
void filter_thrice(const BoxFilter& filter, Lines<const uint8_t> from, int64_t width, uint8_t* one,
                   uint8_t* two, Lines<uint8_t> to) {
  const hn::ScalableTag<uint32_t> d;
  const int64_t count = from.count;
  filter_from(d, 0, width, filter, from, {one, width, count});
  filter_from(d, 0, width, filter, {one, width, count}, {two, width, count});
  filter_from(d, 0, width, filter, {two, width, count}, to);
}

void apply_thrice(const BoxFilter& filter, const Pixels& from, Image& to) {
  constexpr int64_t kBlock =
      64;  // columns at a time: what three passes touch stays in the L1 cache
  thread_local std::vector<uint8_t> scratch;
  const int64_t width = from.width * from.channels;
  const int64_t room = std::max(width * kStrip, from.height * kBlock);
  scratch.resize(static_cast<size_t>(2 * room));
  uint8_t *one = scratch.data(), *two = one + room;
  for (int64_t top = 0; top < from.height; top += kStrip) {
    // In a strip a pixel is a line.
    const int64_t line = kStrip * from.channels;
    columns_of({from.data, from.stride, top, from.height}, width, one);
    filter_thrice(filter, {one, line, from.width}, line, two, one, {two, line, from.width});
    rows_of(two, width, {to.pixels.data(), width, top, from.height});
  }
  for (int64_t x = 0; x < width; x += kBlock) {
    filter_thrice(filter, {to.pixels.data() + x, width, from.height}, std::min(kBlock, width - x),
                  one, two, {to.pixels.data() + x, width, from.height});
  }
}

}  // namespace espalier::image::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace espalier::image {

HWY_EXPORT(apply_thrice);

void apply_thrice(const BoxFilter& filter, const Pixels& from, Image& to) {
  to.reshape(from.height, from.width, from.channels);
  HWY_DYNAMIC_DISPATCH(apply_thrice)(filter, from, to);
}

}  // namespace espalier::image
#endif  // HWY_ONCE
