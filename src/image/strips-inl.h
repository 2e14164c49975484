// Sixteen rows of bytes turned into columns and back: what works down the columns of an image then
// works along its rows, sixteen rows at a time. For each of Highway's targets anew.
#if defined(ESPALIER_IMAGE_STRIPS_INL_H_) == defined(HWY_TARGET_TOGGLE)
#ifdef ESPALIER_IMAGE_STRIPS_INL_H_
#undef ESPALIER_IMAGE_STRIPS_INL_H_
#else
#define ESPALIER_IMAGE_STRIPS_INL_H_
#endif

#include <hwy/highway.h>

#include <algorithm>
#include <cstdint>

#include "image/image.h"

HWY_BEFORE_NAMESPACE();
namespace espalier::image::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr int64_t kStrip = 16;  // rows

// Transposes 16 x 16 bytes in place.
template <class V>
HWY_INLINE void transpose_block(V (&rows)[kStrip]) {
  const hn::FixedTag<uint8_t, kStrip> d;
  for (int round = 0; round < 4; ++round) {
    V next[kStrip];
    for (int64_t i = 0; i < kStrip / 2; ++i) {
      next[2 * i] = hn::InterleaveLower(d, rows[i], rows[i + kStrip / 2]);
      next[2 * i + 1] = hn::InterleaveUpper(d, rows[i], rows[i + kStrip / 2]);
    }
    for (int64_t i = 0; i < kStrip; ++i) rows[i] = next[i];
  }
}

// The rows [top, top + 16) of an image; below its last row, that one again.
template <typename Byte>
struct Strip {
  Byte* rows[kStrip];

  Strip(Byte* first, int64_t stride, int64_t top, int64_t height) {
    for (int64_t i = 0; i < kStrip; ++i) rows[i] = first + std::min(top + i, height - 1) * stride;
  }
};

// to[16 i + r] = from.rows[r][i] for i < count.
inline void columns_of(const Strip<const uint8_t>& from, int64_t count, uint8_t* HWY_RESTRICT to) {
  const hn::FixedTag<uint8_t, kStrip> d;
  if (count < kStrip) {
    for (int64_t i = 0; i < count; ++i) {
      for (int64_t r = 0; r < kStrip; ++r) to[kStrip * i + r] = from.rows[r][i];
    }
    return;
  }
  for (int64_t i = 0; i < count; i += kStrip) {
    i = std::min(i, count - kStrip);  // the last block covers a part of the one before
    hn::Vec<decltype(d)> block[kStrip];
    for (int64_t r = 0; r < kStrip; ++r) block[r] = hn::LoadU(d, from.rows[r] + i);
    transpose_block(block);
    for (int64_t r = 0; r < kStrip; ++r) hn::StoreU(block[r], d, to + kStrip * (i + r));
  }
}

// The way back: to.rows[r][i] = from[16 i + r].
inline void rows_of(const uint8_t* HWY_RESTRICT from, int64_t count, const Strip<uint8_t>& to) {
  const hn::FixedTag<uint8_t, kStrip> d;
  if (count < kStrip) {
    for (int64_t i = 0; i < count; ++i) {
      for (int64_t r = 0; r < kStrip; ++r) to.rows[r][i] = from[kStrip * i + r];
    }
    return;
  }
  for (int64_t i = 0; i < count; i += kStrip) {
    i = std::min(i, count - kStrip);
    hn::Vec<decltype(d)> block[kStrip];
    for (int64_t r = 0; r < kStrip; ++r) block[r] = hn::LoadU(d, from + kStrip * (i + r));
    transpose_block(block);
    for (int64_t r = 0; r < kStrip; ++r) hn::StoreU(block[r], d, to.rows[r] + i);
  }
}

}  // namespace espalier::image::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#endif  // include guard of each target
