#include "image/table.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "image/table.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace espalier::image::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using Bytes = hn::ScalableTag<uint8_t>;
constexpr Bytes kBytes;

// The table as sixteen pieces of sixteen: the lower half of a value is its place in every piece,
// the bits of its upper half choose among the sixteen values found.
HWY_INLINE hn::Vec<Bytes> values_of(hn::Vec<Bytes> v, const Table& table) {
  const auto place = hn::And(v, hn::Set(kBytes, uint8_t{15}));
  hn::Vec<Bytes> found[16];
  for (int i = 0; i < 16; ++i) {
    found[i] = hn::TableLookupBytes(hn::LoadDup128(kBytes, table.data() + 16 * i), place);
  }
  for (int bit = 0; bit < 4; ++bit) {
    const auto set = hn::TestBit(v, hn::Set(kBytes, static_cast<uint8_t>(16 << bit)));
    for (int i = 0; i < 8 >> bit; ++i) {
      found[i] = hn::IfThenElse(set, found[2 * i + 1], found[2 * i]);
    }
  }
  return found[0];
}

void map_row(const uint8_t* from, int64_t count, const Table& table, uint8_t* to) {
  constexpr int64_t kLanes = hn::MaxLanes(kBytes);
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) {
    hn::StoreU(values_of(hn::LoadU(kBytes, from + i), table), kBytes, to + i);
  }
  for (; i < count; ++i) to[i] = table[from[i]];
}

void map_rgb_row(const uint8_t* from, int64_t count, const Table* tables, uint8_t* to) {
  constexpr int64_t kLanes = hn::MaxLanes(kBytes);
  int64_t i = 0;
  for (; i + 3 * kLanes <= count; i += 3 * kLanes) {
    hn::Vec<Bytes> r, g, b;
    hn::LoadInterleaved3(kBytes, from + i, r, g, b);
    hn::StoreInterleaved3(values_of(r, tables[0]), values_of(g, tables[1]), values_of(b, tables[2]),
                          kBytes, to + i);
  }
  for (; i < count; ++i) to[i] = tables[i % 3][from[i]];
}

}  // namespace espalier::image::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace espalier::image {

HWY_EXPORT(map_row);
HWY_EXPORT(map_rgb_row);

void look_up(const Pixels& from, std::span<const Table> tables, Image& to) {
  to.reshape(from.height, from.width, from.channels);
  const int64_t count = from.width * from.channels;
  for (int64_t y = 0; y < from.height; ++y) {
    const uint8_t* row = from.row(y);
    if (tables.size() == 1) {
      HWY_DYNAMIC_DISPATCH(map_row)(row, count, tables[0], to.row(y));
    } else if (tables.size() == 3) {
      HWY_DYNAMIC_DISPATCH(map_rgb_row)(row, count, tables.data(), to.row(y));
    } else {
      for (int64_t i = 0; i < count; ++i) to.row(y)[i] = tables[i % from.channels][row[i]];
    }
  }
}

}  // namespace espalier::image
#endif  // HWY_ONCE
