// Whole blocks of samples in memory, read by one pread a block: for file systems where many small
// reads are slow and a few large ones are not.
//
// At most `capacity` blocks are held, whatever the threads do. A block is evicted when each of its
// samples has been read once, as an epoch does; if that never happens, the least recently used
// block is evicted. Where one epoch follows another, a block that is still in use may serve both.
// Any number of threads.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <unordered_map>
#include <vector>

#include "shards/index.h"
#include "shards/shard_files.h"

namespace espalier::data {

// The stored bytes of samples [first, last), which lie in one shard.
struct StoredRange {
  size_t shard = 0;
  int64_t address = 0;  // in the shard's file
  int64_t bytes = 0;
};

// Where samples [first, last) lie; more than one range where they pass from shard to shard.
std::vector<StoredRange> stored_ranges(const shards::IndexView& index, int64_t first, int64_t last);

// The bytes of the largest block.
int64_t largest_block_bytes(const shards::IndexView& index);

class BlockCache {
 public:
  // `index` and `files` outlive this.
  BlockCache(const shards::IndexView& index, shards::ShardFiles& files, int64_t capacity);

  // Copies the stored bytes of `sample`.
  void read(int64_t sample, std::span<uint8_t> into);

  int64_t blocks_read() const;

 private:
  struct Block {
    std::unique_ptr<uint8_t[]> bytes;
    int64_t number = 0;
    int64_t unread = 0;  // samples
    int64_t users = 0;   // threads that load it or copy from it
    int64_t last_used = 0;
    bool loaded = false;
  };

  std::shared_ptr<Block> enter(int64_t number, std::unique_lock<std::mutex>& lock);
  std::unique_ptr<uint8_t[]> room(std::unique_lock<std::mutex>& lock);
  void load(Block& block) const;
  void leave(Block& block, bool failed);
  int64_t first_of(int64_t number) const { return number * index_.facts.order.block; }
  int64_t last_of(int64_t number) const;

  const shards::IndexView& index_;
  shards::ShardFiles& files_;
  const int64_t capacity_, block_bytes_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::unordered_map<int64_t, std::shared_ptr<Block>> blocks_;
  std::vector<std::unique_ptr<uint8_t[]>> spare_;
  int64_t made_ = 0, now_ = 0, blocks_read_ = 0;
};

}  // namespace espalier::data
