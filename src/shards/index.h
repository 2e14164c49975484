// index.h5: the table of all samples and the list of shards, so that a reader opens one HDF5 file
// however many shards there are.
//
// In memory it is one piece without pointers, which one rank reads and the others are sent:
//
//   const IndexFile file(folder);                     // rank 0
//   std::vector<std::byte> memory(file.bytes());      // or memory that a node shares
//   file.load(memory);
//   const IndexView index = view_index(memory);       // every rank
#pragma once

#include <cstddef>
#include <span>

#include "shards/shard.h"

namespace espalier::shards {

struct ShardFile {
  std::string name;
  std::string sha256 = {};
  int64_t size_bytes = 0;
  int64_t num_samples = 0;
  int64_t payload_address = 0;
};

// An index that is being made or checked.
struct Index {
  SetFacts facts;
  std::vector<ShardFile> shards;
  SampleTable table;  // of all samples; offsets run on over the shards

  // The shard as its file must describe it.
  Shard expected_shard(int64_t shard) const;
};

void write_index(const std::filesystem::path& path, const Index& index);
// kData when there is none in `folder`, or a damaged one.
Index read_index(const std::filesystem::path& folder);

class IndexFile {
 public:
  // kData when there is none in `folder`, or a damaged one.
  explicit IndexFile(const std::filesystem::path& folder);

  int64_t bytes() const;
  // kData when the table is damaged.
  void load(std::span<std::byte> into) const;

 private:
  std::filesystem::path path_;
  h5::File file_;
  int64_t samples_, key_bytes_;
  std::string text_;  // facts and shards
};

// What such memory holds. The table points into it.
struct IndexView {
  SetFacts facts;
  std::vector<ShardFile> shards;
  SampleColumns table;
};
IndexView view_index(std::span<const std::byte> memory);

}  // namespace espalier::shards
