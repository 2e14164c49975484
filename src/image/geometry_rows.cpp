#include "image/geometry_rows.h"

#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "image/geometry_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "image/strips-inl.h"

HWY_BEFORE_NAMESPACE();
namespace espalier::image::HWY_NAMESPACE {

constexpr hn::FixedTag<uint8_t, kStrip> kBytes;
using Bytes = hn::Vec<decltype(kBytes)>;

HWY_INLINE Bytes reversed(Bytes v) {
  alignas(16) constexpr uint8_t kPlaces[kStrip] = {15, 14, 13, 12, 11, 10, 9, 8,
                                                   7,  6,  5,  4,  3,  2,  1, 0};
  return hn::TableLookupBytes(v, hn::Load(kBytes, kPlaces));
}

void reverse_row(const uint8_t* from, int64_t width, int64_t channels, uint8_t* to) {
  int64_t x = 0;
  if (channels == 1) {
    for (; x + kStrip <= width; x += kStrip) {
      hn::StoreU(reversed(hn::LoadU(kBytes, from + width - x - kStrip)), kBytes, to + x);
    }
  } else if (channels == 3) {
    for (; x + kStrip <= width; x += kStrip) {
      Bytes r, g, b;
      hn::LoadInterleaved3(kBytes, from + 3 * (width - x - kStrip), r, g, b);
      hn::StoreInterleaved3(reversed(r), reversed(g), reversed(b), kBytes, to + 3 * x);
    }
  }
  for (; x < width; ++x) {
    for (int64_t c = 0; c < channels; ++c) {
      to[x * channels + c] = from[(width - 1 - x) * channels + c];
    }
  }
}

void reorder(const Pixels& from, Order order, Image& to) {
  for (int64_t y = 0; y < to.height; ++y) {
    const uint8_t* row = from.row(order.last_row_first ? from.height - 1 - y : y);
    if (order.last_column_first) {
      reverse_row(row, from.width, from.channels, to.row(y));
    } else {
      std::copy_n(row, from.width * from.channels, to.row(y));
    }
  }
}

// `count` pixels whose channels lie 16 bytes apart.
HWY_INLINE void interleave(const uint8_t* from, int64_t count, int64_t channels, uint8_t* to) {
  if (channels == 1 && count == kStrip) {
    hn::StoreU(hn::LoadU(kBytes, from), kBytes, to);
  } else if (channels == 3 && count == kStrip) {
    hn::StoreInterleaved3(hn::LoadU(kBytes, from), hn::LoadU(kBytes, from + kStrip),
                          hn::LoadU(kBytes, from + 2 * kStrip), kBytes, to);
  } else {
    for (int64_t i = 0; i < count; ++i) {
      for (int64_t c = 0; c < channels; ++c) *to++ = from[c * kStrip + i];
    }
  }
}

void transpose(const Pixels& from, Order order, Image& to) {
  thread_local std::vector<uint8_t> columns;
  const int64_t line = kStrip * from.channels;
  columns.resize(static_cast<size_t>(from.width * line));
  for (int64_t left = 0; left < to.width; left += kStrip) {
    const int64_t count = std::min(kStrip, to.width - left);
    // The columns [left, left + count) of `to` are these rows of `from`, or these backwards.
    const int64_t top = order.last_column_first ? to.width - left - count : left;
    const Strip<const uint8_t> strip =
        order.last_column_first
            ? Strip<const uint8_t>(from.row(top + count - 1), -from.stride, 0, count)
            : Strip<const uint8_t>(from.row(top), from.stride, 0, count);
    columns_of(strip, from.width * from.channels, columns.data());
    for (int64_t y = 0; y < to.height; ++y) {
      const int64_t column = order.last_row_first ? to.height - 1 - y : y;
      interleave(columns.data() + column * line, count, from.channels,
                 to.row(y) + left * from.channels);
    }
  }
}

}  // namespace espalier::image::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace espalier::image {

HWY_EXPORT(reorder);
HWY_EXPORT(transpose);

void reorder(const Pixels& from, Order order, Image& to) {
  to.reshape(from.height, from.width, from.channels);
  HWY_DYNAMIC_DISPATCH(reorder)(from, order, to);
}

void transpose(const Pixels& from, Order order, Image& to) {
  to.reshape(from.width, from.height, from.channels);
  HWY_DYNAMIC_DISPATCH(transpose)(from, order, to);
}

}  // namespace espalier::image
#endif  // HWY_ONCE
