// The stored bytes of samples, read and checked in the way that was chosen (read_mode.h).
//
// Reading is safe from any number of threads. In mode `sample` it takes no lock and, once `memory`
// has grown, allocates nothing.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/block_cache.h"
#include "data/read_mode.h"
#include "shards/index.h"
#include "shards/sample_addresses.h"
#include "shards/shard_files.h"

namespace espalier::data {

class Reader {
 public:
  // `index` outlives this. `mode` and `verify` as in ReadOptions, but not auto; `blocks` are held
  // by mode `block`. kData when the index and its shards cannot fit.
  Reader(const std::filesystem::path& folder, const shards::IndexView& index, ReadMode mode,
         Verify verify, int64_t blocks);

  // The bytes of sample i, in `memory`, which only grows. kData or kIo, naming shard and key.
  std::span<const uint8_t> read(int64_t i, std::vector<uint8_t>& memory);

  // Samples [first, last) will be read soon: asks the system to prefetch them. Never fails.
  void announce(int64_t first, int64_t last);

  std::string place(int64_t i) const;  // "shard-00000.h5: sample cat/7.jpg"

  const shards::ShardFiles& files() const { return files_; }
  const BlockCache* blocks() const { return blocks_ ? &*blocks_ : nullptr; }

 private:
  std::span<const uint8_t> fetch(int64_t i, std::vector<uint8_t>& memory);
  bool must_verify(int64_t i) const;

  const shards::IndexView& index_;
  shards::SampleAddresses addresses_;
  shards::ShardFiles files_;
  bool always_;
  std::optional<BlockCache> blocks_;
  std::unique_ptr<std::atomic<uint64_t>[]> read_before_;  // one bit a sample; null = never verified
};

}  // namespace espalier::data
