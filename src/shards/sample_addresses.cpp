#include "shards/sample_addresses.h"

#include <algorithm>

#include "core/error.h"

namespace espalier::shards {

SampleAddresses::SampleAddresses(const std::filesystem::path& folder, const IndexView& index)
    : index_(index) {
  int64_t begin = 0;
  for (const ShardFile& shard : index.shards) {
    const int64_t end = begin + shard.num_samples;
    const int64_t bytes = index.table.offset[end] - index.table.offset[begin];
    check(shard.payload_address >= 0 && bytes <= shard.size_bytes &&
              shard.payload_address <= shard.size_bytes - bytes,
          Kind::kData, "{}: {} bytes of samples do not fit into {} of {} bytes",
          (folder / kIndexName).string(), bytes, shard.name, shard.size_bytes);
    shard_base_.push_back(shard.payload_address - index.table.offset[begin]);
    shard_end_.push_back(end);
    begin = end;
  }
}

size_t SampleAddresses::shard_of(int64_t sample) const {
  return static_cast<size_t>(std::ranges::upper_bound(shard_end_, sample) - shard_end_.begin());
}

}  // namespace espalier::shards
