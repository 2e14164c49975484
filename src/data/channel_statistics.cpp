#include "data/channel_statistics.h"

namespace espalier::data {

ChannelStatistics channel_statistics(const Dataset& dataset, int64_t most_images, int64_t threads,
                                     int64_t channels, const Selection& selection) {
  const int64_t size = selection.empty() ? dataset.size() : std::ssize(selection);
  if (channels == 0) channels = dataset.common_shape().channels;
  return shards::channel_statistics(size, most_images, channels, threads, [&](int64_t i) {
    return dataset.image(selection.empty() ? i : selection[i]);
  });
}

}  // namespace espalier::data
