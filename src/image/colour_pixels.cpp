#include "image/colour_pixels.h"

#include <algorithm>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "image/colour_pixels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace espalier::image::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr hn::ScalableTag<int32_t> kInts;
constexpr hn::ScalableTag<float> kFloats;
constexpr hn::Rebind<uint8_t, hn::ScalableTag<int32_t>> kBytes;
constexpr int64_t kLanes = hn::MaxLanes(kInts);  // pixels at a time
constexpr hn::Rebind<uint16_t, hn::ScalableTag<int32_t>> kWords;
using Ints = hn::Vec<decltype(kInts)>;
using Floats = hn::Vec<decltype(kFloats)>;
using Bytes = hn::Vec<decltype(kBytes)>;
using Words = hn::Vec<decltype(kWords)>;

struct Rgb {
  Bytes r, g, b;
};

HWY_INLINE Ints to_ints(Bytes v) { return hn::PromoteTo(kInts, v); }
HWY_INLINE Floats to_floats(Bytes v) { return hn::ConvertTo(kFloats, to_ints(v)); }
// Truncates, and clips what is not in [0, 256).
HWY_INLINE Bytes to_bytes(Floats v) { return hn::DemoteTo(kBytes, hn::ConvertTo(kInts, v)); }
HWY_INLINE Floats constant(float value) { return hn::Set(kFloats, value); }

HWY_INLINE Words word(int value) { return hn::Set(kWords, static_cast<uint16_t>(value)); }

// In the midst of where one is the step of f32: what is added to this is rounded to the nearest
// integer, halves to even, which the lower bits of the sum then hold.
constexpr float kRounding = 3 << 22;
template <class D>
HWY_INLINE hn::Vec<D> lower_bits(D d, Floats v) {
  return hn::TruncateTo(d, hn::BitCast(hn::RebindToUnsigned<decltype(kInts)>(), v));
}

HWY_INLINE Ints grey_of(const Rgb& p) {
  const auto sum = to_ints(p.r) * hn::Set(kInts, 19595) + to_ints(p.g) * hn::Set(kInts, 38470) +
                   to_ints(p.b) * hn::Set(kInts, 7471) + hn::Set(kInts, 0x8000);
  return hn::ShiftRight<16>(sum);
}

struct Grey {
  HWY_INLINE Rgb operator()(const Rgb& p) const {
    const Bytes grey = hn::DemoteTo(kBytes, grey_of(p));
    return {grey, grey, grey};
  }
};

struct Saturate {
  float factor;
  HWY_INLINE Rgb operator()(const Rgb& p) const {
    const Ints grey = grey_of(p);
    const Floats from = hn::ConvertTo(kFloats, grey), scale = constant(factor);
    const auto blend = [&](Bytes v) HWY_ATTR {
      return to_bytes(from + scale * hn::ConvertTo(kFloats, to_ints(v) - grey));
    };
    return {blend(p.r), blend(p.g), blend(p.b)};
  }
};

struct Mix {
  const std::array<float, 9>& matrix;
  HWY_INLINE Rgb operator()(const Rgb& p) const {
    const Floats r = to_floats(p.r), g = to_floats(p.g), b = to_floats(p.b);
    const auto channel = [&](int row) HWY_ATTR {
      const float* m = matrix.data() + 3 * row;
      const Floats sum = constant(m[0]) * r + constant(m[1]) * g + constant(m[2]) * b;
      const Floats clipped = hn::Clamp(sum, constant(0), constant(255));
      return lower_bits(kBytes, clipped + constant(kRounding));
    };
    return {channel(0), channel(1), channel(2)};
  }
};

// Pillow's rgb2hsv and hsv2rgb in f32 and integers. Where they compute in double, what is here has
// the same result for every input there is: the tests go through all of them.
struct ShiftHue {
  uint8_t shift;

  HWY_INLINE Rgb operator()(const Rgb& p) const {
    const Bytes upper = hn::Max(p.r, p.g), lower = hn::Min(p.r, p.g);
    const Bytes most = hn::Max(upper, p.b), least = hn::Min(lower, p.b);
    const Bytes middle = hn::Max(lower, hn::Min(upper, p.b));
    const Floats value = to_floats(most), range = to_floats(most - least);
    const Floats share = range / hn::Max(value, constant(1));
    const Floats rest = to_floats(most - middle) / hn::Max(range, constant(1));
    const Floats turns = turns_of(p, most, least, rest);
    const Words hue = hn::DemoteTo(kWords, hn::ConvertTo(kInts, turns * constant(255)));
    // Rounding share * 255 - 0.4995 truncates share * 255, for all the shares there are.
    const Floats saturation = share * constant(255) - constant(0.4995f) + constant(kRounding);
    return rgb_of(hn::And(hue + word(shift), word(255)) * word(6), lower_bits(kWords, saturation),
                  value);
  }

  // Around the colour circle, [0, 1). Of the three distances to the brightest channel, in units of
  // the range, one is 0, one is 1 and one is `rest`: a number of sixths plus or minus that.
  static HWY_INLINE Floats turns_of(const Rgb& p, Bytes most, Bytes least, Floats rest) {
    const auto byte = [](int number)
                          HWY_ATTR { return hn::Set(kBytes, static_cast<uint8_t>(number)); };
    // One argument for each pair of the brightest and the darkest channel.
    const auto choose = [&](int r_b, int r_g, int g_b, int g_r, int b_r, int b_g) HWY_ATTR {
      const auto blue_least = p.b == least;
      const auto red = hn::IfThenElse(blue_least, byte(r_b), byte(r_g));
      const auto green = hn::IfThenElse(blue_least, byte(g_b), byte(g_r));
      const auto blue = hn::IfThenElse(p.r == least, byte(b_r), byte(b_g));
      return hn::IfThenElse(p.r == most, red, hn::IfThenElse(p.g == most, green, blue));
    };
    // One too many, since bytes have no sign.
    const Floats sixths = to_floats(choose(2, 0, 2, 4, 4, 6)) - constant(1);
    const Ints minus = hn::ShiftLeft<24>(to_ints(choose(0x80, 0, 0, 0x80, 0, 0x80)));
    const Floats place = sixths + hn::Xor(rest, hn::BitCast(kFloats, minus));
    const Floats turns = place / constant(6);
    return hn::IfThenElse(place < constant(0), turns + constant(1), turns);
  }

  // `hue` in units of 1/1530 of the circle.
  static HWY_INLINE Rgb rgb_of(Words hue, Words saturation, Floats value) {
    const Floats unit = value * constant(1.0f / 65025), top = value + constant(kRounding);
    // How far a channel falls below `value`: `lack` is in units of 1/255 of the saturation.
    const auto channel = [&](Words lack) HWY_ATTR {
      const Words product = saturation * hn::Min(lack, word(255));
      const Ints wide = hn::PromoteTo(kInts, product);
      return lower_bits(kBytes, top - hn::ConvertTo(kFloats, wide) * unit);
    };
    const auto beyond = [](Words a, Words b) HWY_ATTR { return hn::SaturatedSub(a, b); };
    return {channel(hn::Min(beyond(hue, word(255)), beyond(word(1275), hue))),
            channel(hn::Max(beyond(word(255), hue), beyond(hue, word(765)))),
            channel(hn::Max(beyond(word(765), hue), beyond(hue, word(1275))))};
  }
};

template <class Change>
HWY_INLINE void change_block(const Change& change, const uint8_t* from, uint8_t* to) {
  Rgb p;
  hn::LoadInterleaved3(kBytes, from, p.r, p.g, p.b);
  p = change(p);
  hn::StoreInterleaved3(p.r, p.g, p.b, kBytes, to);
}

template <class Change>
HWY_INLINE void change_pixels(const Change& change, const Pixels& from, Image& to) {
  for (int64_t y = 0; y < from.height; ++y) {
    const uint8_t* row = from.row(y);
    uint8_t* changed = to.row(y);
    int64_t x = 0;
    for (; x + kLanes <= from.width; x += kLanes) {
      change_block(change, row + 3 * x, changed + 3 * x);
    }
    uint8_t rest[3 * kLanes] = {};
    std::copy(row + 3 * x, row + 3 * from.width, rest);
    change_block(change, rest, rest);
    std::copy_n(rest, 3 * (from.width - x), changed + 3 * x);
  }
}

void grey_pixels(const Pixels& from, Image& to) { change_pixels(Grey{}, from, to); }

void saturate_pixels(const Pixels& from, float factor, Image& to) {
  change_pixels(Saturate{factor}, from, to);
}

void shift_hue(const Pixels& from, uint8_t shift, Image& to) {
  change_pixels(ShiftHue{shift}, from, to);
}

void mix_channels(const Pixels& from, const std::array<float, 9>& matrix, Image& to) {
  change_pixels(Mix{matrix}, from, to);
}

int64_t sum_of_greys(const Pixels& from) {
  int64_t total = 0;
  for (int64_t y = 0; y < from.height; ++y) {
    const uint8_t* row = from.row(y);
    const auto add = [](Ints sums, const uint8_t* block) HWY_ATTR {
      Rgb p;
      hn::LoadInterleaved3(kBytes, block, p.r, p.g, p.b);
      return sums + grey_of(p);
    };
    Ints sums = hn::Zero(kInts);
    int64_t x = 0;
    for (; x + kLanes <= from.width; x += kLanes) sums = add(sums, row + 3 * x);
    uint8_t rest[3 * kLanes] = {};  // black adds nothing
    std::copy(row + 3 * x, row + 3 * from.width, rest);
    total += hn::GetLane(hn::SumOfLanes(kInts, add(sums, rest)));
  }
  return total;
}

}  // namespace espalier::image::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace espalier::image {

HWY_EXPORT(grey_pixels);
HWY_EXPORT(saturate_pixels);
HWY_EXPORT(shift_hue);
HWY_EXPORT(mix_channels);
HWY_EXPORT(sum_of_greys);

void grey_pixels(const Pixels& from, Image& to) {
  to.reshape(from.height, from.width, 3);
  HWY_DYNAMIC_DISPATCH(grey_pixels)(from, to);
}

void saturate_pixels(const Pixels& from, float factor, Image& to) {
  to.reshape(from.height, from.width, 3);
  HWY_DYNAMIC_DISPATCH(saturate_pixels)(from, factor, to);
}

void shift_hue(const Pixels& from, uint8_t shift, Image& to) {
  to.reshape(from.height, from.width, 3);
  HWY_DYNAMIC_DISPATCH(shift_hue)(from, shift, to);
}

void mix_channels(const Pixels& from, const std::array<float, 9>& matrix, Image& to) {
  to.reshape(from.height, from.width, 3);
  HWY_DYNAMIC_DISPATCH(mix_channels)(from, matrix, to);
}

int64_t sum_of_greys(const Pixels& from) { return HWY_DYNAMIC_DISPATCH(sum_of_greys)(from); }

}  // namespace espalier::image
#endif  // HWY_ONCE
