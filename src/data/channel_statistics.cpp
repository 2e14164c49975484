#include "data/channel_statistics.h"

#include <algorithm>
#include <cmath>

namespace espalier::data {

ChannelStatistics channel_statistics(const Dataset& dataset, int64_t most_images) {
  const int64_t channels = std::ranges::max(dataset.index().table.channels);
  std::vector<uint64_t> sum(static_cast<size_t>(channels)), squares(sum.size());
  uint64_t pixels = 0;
  ChannelStatistics statistics;
  statistics.images = std::min(most_images, dataset.size());
  for (int64_t n = 0; n < statistics.images; ++n) {
    const image::Image image = dataset.image(n * dataset.size() / statistics.images);
    const int64_t count = image.height * image.width;
    for (int64_t p = 0; p < count; ++p) {
      for (int64_t c = 0; c < channels; ++c) {
        const uint64_t value = image.pixels[p * image.channels + std::min(c, image.channels - 1)];
        sum[c] += value;
        squares[c] += value * value;
      }
    }
    pixels += static_cast<uint64_t>(count);
  }
  for (int64_t c = 0; c < channels; ++c) {
    const double mean = static_cast<double>(sum[c]) / static_cast<double>(pixels);
    const double square = static_cast<double>(squares[c]) / static_cast<double>(pixels);
    statistics.mean.push_back(mean / 255);
    statistics.deviation.push_back(std::sqrt(std::max(0.0, square - mean * mean)) / 255);
  }
  return statistics;
}

}  // namespace espalier::data
