// Where the stored bytes of each sample of a set lie: in which shard, and at which byte of its
// file.
#pragma once

#include <cstdint>
#include <filesystem>
#include <vector>

#include "shards/index.h"

namespace espalier::shards {

class SampleAddresses {
 public:
  // `index` outlives this. kData, naming the index in `folder`, when the samples cannot lie in
  // their shards.
  SampleAddresses(const std::filesystem::path& folder, const IndexView& index);

  size_t shard_of(int64_t sample) const;
  // In the file of that shard.
  int64_t address(int64_t sample) const {
    return shard_base_[shard_of(sample)] + index_.table.offset[sample];
  }

 private:
  const IndexView& index_;
  std::vector<int64_t> shard_end_;   // number of the sample after a shard's last
  std::vector<int64_t> shard_base_;  // sample i of shard s lies at shard_base_[s] + offset[i]
};

}  // namespace espalier::shards
