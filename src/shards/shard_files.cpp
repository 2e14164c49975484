#include "shards/shard_files.h"

#include <sys/resource.h>

#include <algorithm>
#include <utility>

#include "core/error.h"

namespace espalier::shards {
namespace {

int64_t quarter_of_the_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur == RLIM_INFINITY) return 4096;
  return std::clamp<int64_t>(static_cast<int64_t>(limit.rlim_cur / 4), 1, 65536);
}

}  // namespace

ShardFiles::ShardFiles(std::filesystem::path folder, const std::vector<ShardFile>& shards,
                       int64_t most_open)
    : folder_(std::move(folder)),
      shards_(shards),
      most_open_(most_open > 0 ? most_open : quarter_of_the_limit()),
      slots_(std::make_unique<Slot[]>(shards.size())) {}

int64_t ShardFiles::open_files() const {
  const std::lock_guard lock(mutex_);
  return open_;
}

// Opens the file where it is closed, and takes a lease of it.
void ShardFiles::open(size_t shard) {
  const std::lock_guard lock(mutex_);
  Slot& slot = slots_[shard];
  if (slot.leases.load(std::memory_order_acquire) >= 0) {  // only a holder of the lock closes
    slot.leases.fetch_add(1, std::memory_order_acquire);
    return;
  }
  if (open_ >= most_open_) close_one();
  const std::filesystem::path path = this->path(shard);
  check(!is_missing(path), Kind::kData,
        "{} is missing (try: copy the whole folder again, or pack again)", path.string());
  slot.file.emplace(path);
  if (slot.file->size_bytes() != shards_[shard].size_bytes) {
    const int64_t size = slot.file->size_bytes();
    slot.file.reset();
    throw Error(Kind::kData, "{} has {} bytes instead of {} (try: copy it again, or pack again)",
                path.string(), size, shards_[shard].size_bytes);
  }
  ++open_;
  slot.leases.store(1, std::memory_order_release);
}

// Where all are leased none is closed: then a few more are open, at most one a thread.
void ShardFiles::close_one() {
  for (size_t tries = 0; tries < shards_.size(); ++tries) {
    Slot& slot = slots_[hand_];
    hand_ = (hand_ + 1) % shards_.size();
    int64_t nobody = 0;
    if (slot.leases.compare_exchange_strong(nobody, -1, std::memory_order_acq_rel)) {
      slot.file.reset();
      --open_;
      return;
    }
  }
}

void require_shards(const std::filesystem::path& folder, const IndexView& index) {
  ShardFiles files(folder, index.shards, 1);
  for (size_t k = 0; k < index.shards.size(); ++k) static_cast<void>(files.lease(k));
}

}  // namespace espalier::shards
