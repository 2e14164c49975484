#include "augment/normalise.h"

#include <array>

#include "core/error.h"

namespace espalier::augment {
namespace {

double of_channel(std::span<const double> values, int64_t channel) {
  return values[values.size() == 1 ? 0 : static_cast<size_t>(channel)];
}

void check_size(const char* name, std::span<const double> values, int64_t channels) {
  check(values.size() == 1 || static_cast<int64_t>(values.size()) == channels, Kind::kUsage,
        "{} has {} numbers for images of {} channels", name, values.size(), channels);
}

}  // namespace

void normalise(const image::Image& image, std::span<const double> mean, std::span<const double> std,
               float* chw) {
  check_size("mean", mean, image.channels);
  check_size("std", std, image.channels);
  const int64_t pixels = image.height * image.width;
  for (int64_t c = 0; c < image.channels; ++c) {
    const float centre = static_cast<float>(of_channel(mean, c));
    const float spread = static_cast<float>(of_channel(std, c));
    check(spread > 0, Kind::kUsage, "std is {}, it must be above 0", spread);
    std::array<float, 256> table;
    for (int value = 0; value < 256; ++value) {
      table[value] = (static_cast<float>(value) / 255.0f - centre) / spread;
    }
    const uint8_t* from = image.pixels.data() + c;
    for (int64_t i = 0; i < pixels; ++i) *chw++ = table[from[i * image.channels]];
  }
}

}  // namespace espalier::augment
