// Mean and standard deviation of the channels of a data set, as normalisation wants them.
#pragma once

#include <cstdint>
#include <vector>

#include "data/dataset.h"

namespace espalier::data {

struct ChannelStatistics {
  std::vector<double> mean, deviation;  // per channel, of values in [0, 1]
  int64_t images = 0;                   // that were looked at
};

// Over up to `most_images` images at even distances, every pixel with equal weight. Where grey and
// RGB images are mixed, grey counts as RGB. Equal at any number of threads.
ChannelStatistics channel_statistics(const Dataset& dataset, int64_t most_images,
                                     int64_t threads = 1);

}  // namespace espalier::data
