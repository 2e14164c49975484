// Mean and standard deviation of the channels of a data set.
#pragma once

#include <cstdint>

#include "data/dataset.h"
#include "data/selection.h"
#include "shards/channel_statistics.h"

namespace espalier::data {

using ChannelStatistics = shards::ChannelStatistics;

// The default number of images that are measured.
inline constexpr int64_t kStatisticsImages = 2000;

// Over up to `most_images` images at even distances, every pixel with equal weight. `channels` 0 =
// those of the set: where grey and RGB images are mixed, grey counts as RGB. 1 = of the grey of
// colour images, 3 = of grey images as RGB. `selection` empty = all images. Equal at any number of
// threads.
ChannelStatistics channel_statistics(const Dataset& dataset, int64_t most_images,
                                     int64_t threads = 1, int64_t channels = 0,
                                     const Selection& selection = {});

}  // namespace espalier::data
