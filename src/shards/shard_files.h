// The shards of a set as open files: opened when first read, with a bound on how many are open.
//
//   const ShardFiles::Lease file = files.lease(3);
//   file->read(offset, bytes);
//
// Any number of threads. A lease keeps its file open; where more files are needed than may be open,
// one without a lease is closed. Leasing a file that is open takes one atomic step and no
// lock.
#pragma once

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "core/files.h"
#include "shards/index.h"

namespace espalier::shards {

class ShardFiles {
  struct alignas(64) Slot {
    std::atomic<int64_t> leases{-1};  // -1 = the file is closed
    std::optional<ReadOnlyFile> file;
  };

 public:
  // `shards` outlive this. `most_open` 0 = a quarter of what the system lets the process open: a
  // run may read several sets.
  ShardFiles(std::filesystem::path folder, const std::vector<ShardFile>& shards,
             int64_t most_open = 0);

  class Lease {
   public:
    explicit Lease(Slot& slot) : slot_(slot) {}
    ~Lease() { slot_.leases.fetch_sub(1, std::memory_order_release); }
    Lease(const Lease&) = delete;
    const ReadOnlyFile* operator->() const { return &*slot_.file; }

   private:
    Slot& slot_;
  };

  // kData when the file is missing or has another size than in the index.
  [[nodiscard]] Lease lease(size_t shard) {
    Slot& slot = slots_[shard];
    int64_t leases = slot.leases.load(std::memory_order_relaxed);
    while (leases >= 0) {
      if (slot.leases.compare_exchange_weak(leases, leases + 1, std::memory_order_acquire)) {
        return Lease(slot);
      }
    }
    open(shard);
    return Lease(slot);
  }

  std::filesystem::path path(size_t shard) const { return folder_ / shards_[shard].name; }
  int64_t open_files() const;

 private:
  void open(size_t shard);
  void close_one();

  std::filesystem::path folder_;
  const std::vector<ShardFile>& shards_;
  int64_t most_open_;
  std::unique_ptr<Slot[]> slots_;
  mutable std::mutex mutex_;  // of opening and closing
  int64_t open_ = 0;
  size_t hand_ = 0;  // the slot that is looked at next for closing
};

// kData, naming it, when a shard is missing or has another size than in the index. One rank checks
// this at the start for all ranks.
void require_shards(const std::filesystem::path& folder, const IndexView& index);

}  // namespace espalier::shards
