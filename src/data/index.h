// index.h5: the table of all samples and the list of shards, so that a reader opens one HDF5 file
// however many shards there are.
#pragma once

#include "data/shard.h"

namespace espalier::data {

struct ShardFile {
  std::string name;
  std::string sha256 = {};
  int64_t size_bytes = 0;
  int64_t num_samples = 0;
  int64_t payload_address = 0;
};

struct Index {
  SetFacts facts;
  std::vector<ShardFile> shards;
  SampleTable table;  // of all samples; offsets run on over the shards

  // The shard as its file must say it.
  Shard expected_shard(int64_t shard) const;
};

void write_index(const std::filesystem::path& path, const Index& index);
// kData when there is none in `folder`, or a damaged one.
Index read_index(const std::filesystem::path& folder);

}  // namespace espalier::data
