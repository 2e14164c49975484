// Mean and standard deviation of the channels of images, for normalisation.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

#include "image/image.h"

namespace espalier::shards {

struct ChannelStatistics {
  std::vector<double> mean, deviation;  // per channel, of values in [0, 1]
  int64_t images = 0;                   // that were measured
};

// Over up to `most_images` of the images image_at(0) ... image_at(size - 1), at even distances,
// every pixel with equal weight. `channels`: 1 = of the grey of colour images, 3 = of grey images
// as RGB. Equal at any number of threads, from which `image_at` is called.
ChannelStatistics channel_statistics(int64_t size, int64_t most_images, int64_t channels,
                                     int64_t threads,
                                     const std::function<image::Image(int64_t)>& image_at);

}  // namespace espalier::shards
