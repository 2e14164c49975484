#include "data/block_cache.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "core/error.h"

namespace espalier::data {

std::vector<StoredRange> stored_ranges(const shards::IndexView& index, int64_t first,
                                       int64_t last) {
  std::vector<StoredRange> ranges;
  int64_t begin = 0;
  for (size_t k = 0; k < index.shards.size() && begin < last; ++k) {
    const int64_t end = begin + index.shards[k].num_samples;
    const int64_t from = std::max(first, begin), to = std::min(last, end);
    if (from < to) {
      const auto& offset = index.table.offset;
      ranges.push_back({k, index.shards[k].payload_address + offset[from] - offset[begin],
                        offset[to] - offset[from]});
    }
    begin = end;
  }
  return ranges;
}

int64_t largest_block_bytes(const shards::IndexView& index) {
  const int64_t size = index.table.size(), block = index.facts.order.block;
  int64_t largest = 0;
  for (int64_t first = 0; first < size; first += block) {
    const int64_t last = std::min(size, first + block);
    largest = std::max(largest, index.table.offset[last] - index.table.offset[first]);
  }
  return largest;
}

BlockCache::BlockCache(const shards::IndexView& index, shards::ShardFiles& files, int64_t capacity)
    : index_(index), files_(files), capacity_(capacity), block_bytes_(largest_block_bytes(index)) {}

int64_t BlockCache::blocks_read() const {
  const std::lock_guard lock(mutex_);
  return blocks_read_;
}

int64_t BlockCache::last_of(int64_t number) const {
  return std::min(index_.table.size(), first_of(number) + index_.facts.order.block);
}

void BlockCache::read(int64_t sample, std::span<uint8_t> into) {
  const int64_t number = sample / index_.facts.order.block;
  std::unique_lock lock(mutex_);
  const std::shared_ptr<Block> block = enter(number, lock);
  lock.unlock();
  const auto& offset = index_.table.offset;
  std::memcpy(into.data(), block->bytes.get() + offset[sample] - offset[first_of(number)],
              into.size());
  lock.lock();
  --block->unread;
  leave(*block, false);
}

// The block, loaded and in use by this thread. Lets go of the lock while it reads or waits.
std::shared_ptr<BlockCache::Block> BlockCache::enter(int64_t number,
                                                     std::unique_lock<std::mutex>& lock) {
  while (true) {
    if (const auto found = blocks_.find(number); found != blocks_.end()) {
      const std::shared_ptr<Block> block = found->second;
      if (block->loaded) {
        ++block->users;
        block->last_used = ++now_;
        return block;
      }
      changed_.wait(lock);  // another thread reads it
      continue;
    }
    std::unique_ptr<uint8_t[]> bytes = room(lock);
    if (bytes == nullptr) continue;  // things may have changed while it waited
    const auto block = std::make_shared<Block>();
    block->bytes = std::move(bytes);
    block->number = number;
    block->unread = last_of(number) - first_of(number);
    block->users = 1;
    block->last_used = ++now_;
    blocks_[number] = block;
    lock.unlock();
    try {
      load(*block);
    } catch (...) {
      lock.lock();
      leave(*block, true);
      throw;
    }
    lock.lock();
    block->loaded = true;
    ++blocks_read_;
    changed_.notify_all();
    return block;
  }
}

// Memory for a block; nothing after a wait for it.
std::unique_ptr<uint8_t[]> BlockCache::room(std::unique_lock<std::mutex>& lock) {
  if (spare_.empty() && made_ < capacity_) {
    auto bytes = std::make_unique_for_overwrite<uint8_t[]>(static_cast<size_t>(block_bytes_));
    ++made_;
    return bytes;
  }
  if (spare_.empty()) {
    Block* oldest = nullptr;
    for (const auto& [number, block] : blocks_) {
      const bool older = oldest == nullptr || block->last_used < oldest->last_used;
      if (block->users == 0 && older) oldest = block.get();
    }
    if (oldest == nullptr) {
      changed_.wait(lock);
      return nullptr;
    }
    spare_.push_back(std::move(oldest->bytes));
    blocks_.erase(oldest->number);
  }
  std::unique_ptr<uint8_t[]> bytes = std::move(spare_.back());
  spare_.pop_back();
  return bytes;
}

void BlockCache::load(Block& block) const {
  uint8_t* into = block.bytes.get();
  for (const StoredRange& range :
       stored_ranges(index_, first_of(block.number), last_of(block.number))) {
    files_.lease(range.shard)->read(range.address, {into, static_cast<size_t>(range.bytes)});
    into += range.bytes;
  }
}

// Under the lock.
void BlockCache::leave(Block& block, bool failed) {
  --block.users;
  if (failed || (block.users == 0 && block.unread <= 0)) {
    spare_.push_back(std::move(block.bytes));
    blocks_.erase(block.number);
  }
  if (block.users == 0) changed_.notify_all();
}

}  // namespace espalier::data
