#include "image/normalise_pixels.h"

#include <bit>
#include <vector>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "image/normalise_pixels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace espalier::image::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr hn::ScalableTag<float> kFloats;
constexpr hn::ScalableTag<int32_t> kInts;
constexpr hn::Rebind<uint8_t, hn::ScalableTag<float>> kBytes;
constexpr int64_t kLanes = hn::MaxLanes(kFloats);
using Floats = hn::Vec<decltype(kFloats)>;
using Bytes = hn::Vec<decltype(kBytes)>;

// a / b, rounded once. Where multiplication and addition are one operation, the quotient by the
// rounded reciprocal is corrected by its own error, which is exact: Markstein (1990).
struct Divisor {
  Floats b, reciprocal;

  explicit HWY_INLINE Divisor(Floats b) : b(b), reciprocal(hn::Set(kFloats, 1.0f) / b) {}
  HWY_INLINE Floats divide(Floats a) const {
#if HWY_NATIVE_FMA
    const Floats quotient = a * reciprocal;
    return hn::MulAdd(hn::NegMulAdd(quotient, b, a), reciprocal, quotient);
#else
    return a / b;
#endif
  }
};

HWY_INLINE Floats normalised(Bytes pixels, const Divisor& white, Floats centre,
                             const Divisor& spread) {
  const Floats value = hn::ConvertTo(kFloats, hn::PromoteTo(kInts, pixels));
  return spread.divide(white.divide(value) - centre);
}

HWY_INLINE void store(Floats v, float* to) { hn::StoreU(v, kFloats, to); }
HWY_INLINE void store(Floats v, uint16_t* to) {
  const hn::RebindToUnsigned<decltype(kFloats)> bits_of;
  const auto bits = hn::BitCast(bits_of, v);
  const auto odd = hn::And(hn::ShiftRight<16>(bits), hn::Set(bits_of, 1));
  const auto upper = hn::ShiftRight<16>(bits + odd + hn::Set(bits_of, 0x7FFF));
  const hn::Rebind<uint16_t, decltype(kFloats)> halves;
  hn::StoreU(hn::DemoteTo(halves, hn::BitCast(kInts, upper)), halves, to);
}

HWY_INLINE void store_one(float value, float* to) { *to = value; }
HWY_INLINE void store_one(float value, uint16_t* to) {
  const uint32_t bits = std::bit_cast<uint32_t>(value);
  *to = static_cast<uint16_t>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
}

// Bytes one after another, whose channels come in turns. `centre` and `spread` hold kLanes numbers
// and one a channel, in turns too.
template <typename Value>
void normalise_row(const uint8_t* from, int64_t count, int64_t channels, const float* centre,
                   const float* spread, Value* to) {
  const Divisor white(hn::Set(kFloats, 255.0f));
  for (int64_t first = 0; first < channels; ++first) {  // blocks that begin with the same channel
    const int64_t phase = first * kLanes % channels;
    const Floats shift = hn::LoadU(kFloats, centre + phase);
    const Divisor scale(hn::LoadU(kFloats, spread + phase));
    for (int64_t i = first * kLanes; i + kLanes <= count; i += channels * kLanes) {
      store(normalised(hn::LoadU(kBytes, from + i), white, shift, scale), to + i);
    }
  }
  for (int64_t i = count / kLanes * kLanes; i < count; ++i) {
    store_one((static_cast<float>(from[i]) / 255.0f - centre[i % channels]) / spread[i % channels],
              to + i);
  }
}

// RGB pixels into three planes, `plane` values apart.
template <typename Value>
void separate_row(const uint8_t* from, int64_t width, const float* centre, const float* spread,
                  int64_t plane, Value* to) {
  const Divisor white(hn::Set(kFloats, 255.0f));
  const Divisor scale[3] = {Divisor(hn::Set(kFloats, spread[0])),
                            Divisor(hn::Set(kFloats, spread[1])),
                            Divisor(hn::Set(kFloats, spread[2]))};
  int64_t x = 0;
  for (; x + kLanes <= width; x += kLanes) {
    Bytes rgb[3];
    hn::LoadInterleaved3(kBytes, from + 3 * x, rgb[0], rgb[1], rgb[2]);
    for (int64_t c = 0; c < 3; ++c) {
      store(normalised(rgb[c], white, hn::Set(kFloats, centre[c]), scale[c]), to + c * plane + x);
    }
  }
  for (int64_t i = 3 * x; i < 3 * width; ++i) {
    store_one((static_cast<float>(from[i]) / 255.0f - centre[i % 3]) / spread[i % 3],
              to + i % 3 * plane + i / 3);
  }
}

template <typename Value>
HWY_INLINE void normalise_rows(const Pixels& from, const float* centre, const float* spread,
                               Layout layout, Value* to) {
  const int64_t plane = from.height * from.width;
  for (int64_t y = 0; y < from.height; ++y) {
    const uint8_t* row = from.row(y);
    if (layout == Layout::kNhwc || from.channels == 1) {
      const int64_t count = from.width * from.channels;
      normalise_row(row, count, from.channels, centre, spread, to + y * count);
    } else if (from.channels == 3) {
      separate_row(row, from.width, centre, spread, plane, to + y * from.width);
    } else {
      for (int64_t c = 0; c < from.channels; ++c) {
        for (int64_t x = 0; x < from.width; ++x) {
          const float value = static_cast<float>(row[x * from.channels + c]) / 255.0f;
          store_one((value - centre[c]) / spread[c], to + c * plane + y * from.width + x);
        }
      }
    }
  }
}

void normalise_pixels(const Pixels& from, std::span<const float> centre,
                      std::span<const float> spread, const SlabFormat& format, std::byte* into) {
  thread_local std::vector<float> centres, spreads;
  const size_t room = static_cast<size_t>(from.channels + kLanes);
  centres.resize(room);
  spreads.resize(room);
  for (size_t i = 0; i < room; ++i) {
    centres[i] = centre[i % static_cast<size_t>(from.channels) % centre.size()];
    spreads[i] = spread[i % static_cast<size_t>(from.channels) % spread.size()];
  }
  if (format.type == Type::kF32) {
    normalise_rows(from, centres.data(), spreads.data(), format.layout,
                   reinterpret_cast<float*>(into));
  } else {
    normalise_rows(from, centres.data(), spreads.data(), format.layout,
                   reinterpret_cast<uint16_t*>(into));
  }
}

}  // namespace espalier::image::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace espalier::image {

HWY_EXPORT(normalise_pixels);

void normalise_pixels(const Pixels& from, std::span<const float> centre,
                      std::span<const float> spread, const SlabFormat& format, std::byte* into) {
  HWY_DYNAMIC_DISPATCH(normalise_pixels)(from, centre, spread, format, into);
}

}  // namespace espalier::image
#endif  // HWY_ONCE
