#include "shards/channel_statistics.h"

#include <algorithm>
#include <array>
#include <atomic>
#include <cmath>

#include "image/colour.h"
#include "shards/parallel.h"

namespace espalier::shards {
namespace {

// Integers, so that the order of additions does not matter.
struct Sums {
  std::array<std::atomic<uint64_t>, 3> sum{}, squares{};
  std::atomic<uint64_t> pixels{0};

  void add(const image::Image& image) {
    const int64_t count = image.height * image.width;
    for (int64_t c = 0; c < 3; ++c) {
      uint64_t values = 0, square_values = 0;
      const uint8_t* next = image.pixels.data() + std::min(c, image.channels - 1);
      for (int64_t p = 0; p < count; ++p, next += image.channels) {
        values += *next;
        square_values += uint64_t{*next} * *next;
      }
      sum[c] += values;
      squares[c] += square_values;
    }
    pixels += static_cast<uint64_t>(count);
  }
};

}  // namespace

ChannelStatistics channel_statistics(int64_t size, int64_t most_images, int64_t channels,
                                     int64_t threads,
                                     const std::function<image::Image(int64_t)>& image_at) {
  ChannelStatistics statistics;
  statistics.images = std::min(most_images, size);
  Sums sums;
  parallel_for(statistics.images, threads, [&](int64_t n) {
    const image::Image image = image_at(n * size / statistics.images);
    image::Image grey;
    if (channels == 1) image::to_grey(image, grey);
    sums.add(channels == 1 ? grey : image);
  });
  const auto pixels = static_cast<double>(sums.pixels);
  for (int64_t c = 0; c < channels; ++c) {
    const double mean = static_cast<double>(sums.sum[c]) / pixels;
    const double square = static_cast<double>(sums.squares[c]) / pixels;
    statistics.mean.push_back(mean / 255);
    statistics.deviation.push_back(std::sqrt(std::max(0.0, square - mean * mean)) / 255);
  }
  return statistics;
}

}  // namespace espalier::shards
