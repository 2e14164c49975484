#include "image/normalise.h"

#include <algorithm>

#include "core/error.h"
#include "image/normalise_pixels.h"

namespace espalier::image {

Normaliser::Normaliser(std::span<const double> mean, std::span<const double> std)
    : centre_(std::max(mean.size(), std.size())), spread_(centre_.size()) {
  for (const auto values : {mean, std}) {
    check(values.size() == 1 || values.size() == centre_.size(), Kind::kUsage,
          "mean has {} numbers and std {}: give one for all channels, or one per channel",
          mean.size(), std.size());
  }
  for (size_t c = 0; c < centre_.size(); ++c) {
    centre_[c] = static_cast<float>(mean[mean.size() == 1 ? 0 : c]);
    spread_[c] = static_cast<float>(std[std.size() == 1 ? 0 : c]);
    check(spread_[c] > 0, Kind::kUsage, "std is {}, it must be above 0", spread_[c]);
  }
}

void Normaliser::check_channels(int64_t channels) const {
  check(centre_.size() == 1 || static_cast<int64_t>(centre_.size()) == channels, Kind::kUsage,
        "mean and std have {} numbers for images of {} channels (try: one number for all)",
        centre_.size(), channels);
}

void Normaliser::operator()(const Pixels& from, const SlabFormat& format, std::byte* into) const {
  check(format.shape == ViewShape{from.channels, from.height, from.width}, Kind::kUsage,
        "a view of {} x {} x {} does not fit {} x {} x {}", from.channels, from.height, from.width,
        format.shape.channels, format.shape.height, format.shape.width);
  check_channels(from.channels);
  normalise_pixels(from, centre_, spread_, format, into);
}

}  // namespace espalier::image
