#include "image/normalise.h"

#include <bit>

#include "core/error.h"

namespace espalier::image {
namespace {

struct ToBf16 {
  uint16_t operator()(float value) const {
    const uint32_t bits = std::bit_cast<uint32_t>(value);
    return static_cast<uint16_t>((bits + 0x7FFF + ((bits >> 16) & 1)) >> 16);
  }
};

}  // namespace

Normaliser::Normaliser(std::span<const double> mean, std::span<const double> std)
    : tables_(std::max(mean.size(), std.size())) {
  for (const auto values : {mean, std}) {
    check(values.size() == 1 || values.size() == tables_.size(), Kind::kUsage,
          "mean has {} numbers and std {}: one for all channels, or one a channel", mean.size(),
          std.size());
  }
  for (size_t c = 0; c < tables_.size(); ++c) {
    const float centre = static_cast<float>(mean[mean.size() == 1 ? 0 : c]);
    const float spread = static_cast<float>(std[std.size() == 1 ? 0 : c]);
    check(spread > 0, Kind::kUsage, "std is {}, it must be above 0", spread);
    for (int value = 0; value < 256; ++value) {
      tables_[c][value] = (static_cast<float>(value) / 255.0f - centre) / spread;
    }
  }
}

void Normaliser::operator()(const Pixels& from, const SlabFormat& format, std::byte* into) const {
  check(format.shape == ViewShape{from.channels, from.height, from.width}, Kind::kUsage,
        "a view of {} x {} x {} does not fit {} x {} x {}", from.channels, from.height, from.width,
        format.shape.channels, format.shape.height, format.shape.width);
  check(tables_.size() == 1 || static_cast<int64_t>(tables_.size()) == from.channels, Kind::kUsage,
        "mean and std have {} numbers for images of {} channels", tables_.size(), from.channels);
  const auto fill = [&](auto* values, auto convert) {
    const bool last = format.layout == Layout::kNhwc;
    const int64_t step = last ? from.channels : 1;
    for (int64_t c = 0; c < from.channels; ++c) {
      const Table& table = tables_[tables_.size() == 1 ? 0 : static_cast<size_t>(c)];
      auto* to = values + (last ? c : c * from.height * from.width);
      for (int64_t y = 0; y < from.height; ++y) {
        const uint8_t* pixel = from.row(y) + c;
        for (int64_t x = 0; x < from.width; ++x, to += step, pixel += from.channels) {
          *to = convert(table[*pixel]);
        }
      }
    }
  };
  if (format.type == Type::kF32) {
    fill(reinterpret_cast<float*>(into), [](float value) { return value; });
  } else {
    fill(reinterpret_cast<uint16_t*>(into), ToBf16());
  }
}

}  // namespace espalier::image
