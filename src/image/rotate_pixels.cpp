#include "image/rotate_pixels.h"

#include <algorithm>
#include <cmath>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "image/rotate_pixels.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace espalier::image::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

constexpr hn::CappedTag<double, 4> kDoubles;  // channels
constexpr hn::Rebind<int32_t, decltype(kDoubles)> kInts;
constexpr hn::Rebind<uint8_t, decltype(kDoubles)> kBytes;
constexpr int64_t kLanes = hn::MaxLanes(kDoubles);
using Doubles = hn::Vec<decltype(kDoubles)>;

HWY_INLINE Doubles load(const uint8_t* from) {
  return hn::PromoteTo(kDoubles, hn::PromoteTo(kInts, hn::LoadU(kBytes, from)));
}
// `value` in the type of the first argument: one number at the borders, a vector inside.
HWY_INLINE Doubles same(Doubles, double value) { return hn::Set(kDoubles, value); }
HWY_INLINE double same(double, double value) { return value; }

template <class V>
HWY_INLINE V line(V a, V b, double at) {
  return a + (b - a) * same(a, at);
}

template <class V>
HWY_INLINE V cubic(V v1, V v2, V v3, V v4, double at) {
  const V p2 = v3 - v1, p3 = same(v1, 2.0) * (v1 - v2) + v3 - v4, p4 = v2 - v1 - v3 + v4;
  return v2 + same(v1, at) * (p2 + same(v1, at) * (p3 + same(v1, at) * p4));
}

// The kTaps x kTaps pixels around a place, those outside of the image replaced by the nearest.
template <int kTaps>
struct Neighbours {
  int64_t top, left;
  double dx, dy;  // from the pixel before the place

  HWY_INLINE Neighbours(double x, double y) {
    x -= 0.5;
    y -= 0.5;
    const auto below = [](double v) HWY_ATTR { return v < 0 ? -1 : static_cast<int64_t>(v); };
    left = below(x);
    top = below(y);
    dx = x - static_cast<double>(left);
    dy = y - static_cast<double>(top);
    left -= kTaps / 2 - 1;
    top -= kTaps / 2 - 1;
  }

  // With one more pixel to the right, so that a whole vector may be read.
  HWY_INLINE bool lie_inside(const Pixels& from) const {
    return left >= 0 && left + kTaps < from.width && top >= 0 && top + kTaps <= from.height;
  }
};

// `value(i, j)` is that of row i and column j.
template <class Value>
HWY_INLINE auto blend(const Neighbours<2>& n, Value value) {
  const auto along = [&](int i) HWY_ATTR { return line(value(i, 0), value(i, 1), n.dx); };
  return line(along(0), along(1), n.dy);
}

template <class Value>
HWY_INLINE auto blend(const Neighbours<4>& n, Value value) {
  const auto along = [&](int i) HWY_ATTR {
    return cubic(value(i, 0), value(i, 1), value(i, 2), value(i, 3), n.dx);
  };
  return cubic(along(0), along(1), along(2), along(3), n.dy);
}

template <int kTaps>
void blend_at_border(const Pixels& from, const Neighbours<kTaps>& around, uint8_t* pixel) {
  for (int64_t c = 0; c < from.channels; ++c) {
    const double value = blend(around, [&](int i, int j) HWY_ATTR {
      const int64_t row = std::clamp<int64_t>(around.top + i, 0, from.height - 1);
      const int64_t column = std::clamp<int64_t>(around.left + j, 0, from.width - 1);
      return static_cast<double>(from.row(row)[column * from.channels + c]);
    });
    pixel[c] = static_cast<uint8_t>(std::clamp(value, 0.0, 255.0));
  }
}

// For 3 channels.
template <int kTaps>
HWY_INLINE void blend_inside(const Pixels& from, const Neighbours<kTaps>& around, uint8_t* pixel) {
  const uint8_t* corner = from.row(around.top) + around.left * 3;
  for (int64_t c = 0; c < 3; c += kLanes) {
    const Doubles values = blend(
        around, [&](int i, int j) HWY_ATTR { return load(corner + i * from.stride + j * 3 + c); });
    uint8_t bytes[kLanes];
    hn::StoreU(hn::DemoteTo(kBytes, hn::DemoteTo(kInts, values)), kBytes, bytes);
    for (int64_t i = 0; i < std::min(kLanes, 3 - c); ++i) pixel[c + i] = bytes[i];
  }
}

template <int kTaps>
void fill_smooth(const Pixels& from, const Affine& t, Image& to) {
  const double width = static_cast<double>(from.width), height = static_cast<double>(from.height);
  for (int64_t y = 0; y < to.height; ++y) {
    uint8_t* pixel = to.row(y);
    const double down = static_cast<double>(y) + 0.5;
    for (int64_t x = 0; x < to.width; ++x, pixel += to.channels) {
      const double along = static_cast<double>(x) + 0.5;
      const double at_x = t.a * along + t.b * down + t.c;
      const double at_y = t.d * along + t.e * down + t.f;
      if (!(at_x >= 0 && at_x < width && at_y >= 0 && at_y < height)) continue;
      const Neighbours<kTaps> around(at_x, at_y);
      if (from.channels == 3 && around.lie_inside(from)) {
        blend_inside(from, around, pixel);
      } else {
        blend_at_border(from, around, pixel);
      }
    }
  }
}

void fill_bilinear(const Pixels& from, const Affine& t, Image& to) { fill_smooth<2>(from, t, to); }
void fill_bicubic(const Pixels& from, const Affine& t, Image& to) { fill_smooth<4>(from, t, to); }

}  // namespace espalier::image::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace espalier::image {
namespace {

// By steps from pixel to pixel; `place` makes a row or a column of a sum of steps.
template <int64_t kChannels, typename Step, typename Place>
void fill_in_steps(const Pixels& from, const Affine& t, Step step, Place place, Image& to) {
  const auto step_x = step(t.a), step_y = step(t.d), down_x = step(t.b), down_y = step(t.e);
  const int64_t channels = kChannels == 0 ? from.channels : kChannels;
  auto first_x = step(t.c + t.a * 0.5 + t.b * 0.5);
  auto first_y = step(t.f + t.d * 0.5 + t.e * 0.5);
  for (int64_t y = 0; y < to.height; ++y, first_x += down_x, first_y += down_y) {
    uint8_t* pixel = to.row(y);
    auto at_x = first_x, at_y = first_y;
    for (int64_t x = 0; x < to.width; ++x, at_x += step_x, at_y += step_y, pixel += channels) {
      const int64_t column = place(at_x), row = place(at_y);
      if (column < 0 || column >= from.width || row < 0 || row >= from.height) continue;
      std::copy_n(from.row(row) + column * channels, channels, pixel);
    }
  }
}

// In units of 1/65536, which Pillow takes for images whose turned corners lie below 32768.
template <int64_t kChannels>
void fill_in_fixed_steps(const Pixels& from, const Affine& t, Image& to) {
  fill_in_steps<kChannels>(
      from, t, [](double v) { return static_cast<int64_t>(std::floor(v * 65536.0 + 0.5)); },
      [](int64_t at) { return at >> 16; }, to);
}

bool corners_lie_below(double limit, const Affine& t, const Image& to) {
  for (const double x : {0.0, static_cast<double>(to.width)}) {
    for (const double y : {0.0, static_cast<double>(to.height)}) {
      if (std::abs(x * t.a + y * t.b + t.c) >= limit) return false;
      if (std::abs(x * t.d + y * t.e + t.f) >= limit) return false;
    }
  }
  return true;
}

}  // namespace

HWY_EXPORT(fill_bilinear);
HWY_EXPORT(fill_bicubic);

void fill_nearest(const Pixels& from, const Affine& place, Image& to) {
  if (!corners_lie_below(32768, place, to)) {
    fill_in_steps<0>(
        from, place, [](double v) { return v; },
        [](double at) { return at < 0 ? -1 : static_cast<int64_t>(at); }, to);
  } else if (from.channels == 3) {
    fill_in_fixed_steps<3>(from, place, to);
  } else {
    fill_in_fixed_steps<0>(from, place, to);
  }
}

void fill_bilinear(const Pixels& from, const Affine& place, Image& to) {
  HWY_DYNAMIC_DISPATCH(fill_bilinear)(from, place, to);
}

void fill_bicubic(const Pixels& from, const Affine& place, Image& to) {
  HWY_DYNAMIC_DISPATCH(fill_bicubic)(from, place, to);
}

}  // namespace espalier::image
#endif  // HWY_ONCE
