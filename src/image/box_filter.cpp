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

// A pass of radius 0 or 1 on its way along a line: it holds the last pixels that have entered.
template <int kRadius, class D>
class Pass {
 public:
  using V = hn::Vec<D>;
  // Pixels between the one that enters and the result.
  static constexpr int64_t kDelay = kRadius + 1;

  HWY_INLINE explicit Pass(const BoxFilter& filter)
      : weight_(hn::Set(D(), filter.weight)), edge_weight_(hn::Set(D(), filter.edge_weight)) {}

  HWY_INLINE void begin(V first) { a_ = b_ = c_ = d_ = first; }

  HWY_INLINE V next(V entering) {
    const V edges = a_ + entering;
    V sum = b_;
    a_ = b_;
    if constexpr (kRadius == 0) {
      b_ = entering;
    } else {
      sum = sum + c_ + d_;
      b_ = c_;
      c_ = d_;
      d_ = entering;
    }
    const V rest = edges * edge_weight_ + hn::Set(D(), 1u << 23);
    result_ = hn::ShiftRight<24>(sum * weight_ + rest);
    return result_;
  }
  HWY_INLINE V result() const { return result_; }

 private:
  // Single names, so that they stay in registers; the last two for radius 1 alone.
  V a_, b_, c_, d_;
  V weight_, edge_weight_, result_;
};

// All three passes at once: what leaves one enters the next.
template <int kRadius, class D>
void filter_columns_thrice(D d, const BoxFilter& filter, Lines<const uint8_t> from, int64_t x,
                           Lines<uint8_t> to) {
  constexpr int64_t kDelay = Pass<kRadius, D>::kDelay;
  Pass<kRadius, D> one(filter), two(filter), three(filter);
  // Result y of a pass; after the last one that again.
  const auto first_result = [&](int64_t y) HWY_ATTR {
    return y < from.count ? one.next(load(d, from.at(y + kDelay) + x)) : one.result();
  };
  const auto second_result = [&](int64_t y) HWY_ATTR {
    return y < from.count ? two.next(first_result(y + kDelay)) : two.result();
  };
  one.begin(load(d, from.at(0) + x));
  for (int64_t y = 1; y < kDelay; ++y) one.next(load(d, from.at(y) + x));
  two.begin(first_result(0));
  for (int64_t y = 1; y < kDelay; ++y) two.next(first_result(y));
  three.begin(second_result(0));
  for (int64_t y = 1; y < kDelay; ++y) three.next(second_result(y));
  for (int64_t y = 0; y < from.count; ++y) {
    const auto value = three.next(second_result(y + kDelay));
    hn::StoreU(hn::U8FromU32(value), hn::Rebind<uint8_t, D>(), to.at(y) + x);
  }
}

// `filter_block(d, x)` for every vector of columns in [x, width).
template <class D, class FilterBlock>
HWY_INLINE void each_block(D d, int64_t x, int64_t width, const FilterBlock& filter_block) {
  constexpr int64_t kLanes = hn::MaxLanes(D());
  for (; x + kLanes <= width; x += kLanes) filter_block(d, x);
  if constexpr (kLanes > 1) each_block(hn::Half<D>(), x, width, filter_block);
}

// All passes down the columns of lines of `width` bytes; `scratch` has room for them twice. `from`
// and `to` may be the same.
void filter_thrice(const BoxFilter& filter, Lines<const uint8_t> from, int64_t width,
                   uint8_t* scratch, Lines<uint8_t> to) {
  const hn::ScalableTag<uint32_t> d;
  if (filter.radius == 0) {
    return each_block(d, 0, width, [&](auto d, int64_t x) HWY_ATTR {
      filter_columns_thrice<0>(d, filter, from, x, to);
    });
  }
  if (filter.radius == 1) {
    return each_block(d, 0, width, [&](auto d, int64_t x) HWY_ATTR {
      filter_columns_thrice<1>(d, filter, from, x, to);
    });
  }
  const Lines<uint8_t> one = {scratch, width, from.count};
  const Lines<uint8_t> two = {scratch + width * from.count, width, from.count};
  const auto pass = [&](Lines<const uint8_t> before, Lines<uint8_t> after) HWY_ATTR {
    each_block(d, 0, width,
               [&](auto d, int64_t x) HWY_ATTR { filter_columns(d, filter, before, x, after); });
  };
  pass(from, one);
  pass({one.data, width, from.count}, two);
  pass({two.data, width, from.count}, to);
}

void apply_thrice(const BoxFilter& filter, const Pixels& from, Image& to) {
  // Columns at a time: what three passes touch stays in the L1 cache.
  constexpr int64_t kBlock = 64;
  thread_local std::vector<uint8_t> scratch;
  const int64_t width = from.width * from.channels, strip = width * kStrip;
  scratch.resize(static_cast<size_t>(2 * strip + 2 * std::max(strip, from.height * kBlock)));
  uint8_t *columns = scratch.data(), *filtered = columns + strip, *rest = filtered + strip;
  for (int64_t top = 0; top < from.height; top += kStrip) {
    const int64_t line = kStrip * from.channels;  // in a strip a pixel is a line
    columns_of({from.data, from.stride, top, from.height}, width, columns);
    filter_thrice(filter, {columns, line, from.width}, line, rest, {filtered, line, from.width});
    rows_of(filtered, width, {to.pixels.data(), width, top, from.height});
  }
  for (int64_t x = 0; x < width; x += kBlock) {
    uint8_t* block = to.pixels.data() + x;
    filter_thrice(filter, {block, width, from.height}, std::min(kBlock, width - x), rest,
                  {block, width, from.height});
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
