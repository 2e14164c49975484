#include "data/reader.h"

#include <fcntl.h>

#include "core/error.h"
#include "core/hash.h"

namespace espalier::data {

Reader::Reader(const std::filesystem::path& folder, const shards::IndexView& index, ReadMode mode,
               Verify verify, int64_t blocks)
    : index_(index),
      addresses_(folder, index),
      files_(folder, index.shards),
      always_(verify == Verify::kAlways) {
  if (mode == ReadMode::kBlock) blocks_.emplace(index_, files_, blocks);
  if (verify != Verify::kNever) {
    const auto words = static_cast<size_t>(index.table.size() + 63) / 64;
    read_before_ = std::make_unique<std::atomic<uint64_t>[]>(words);
  }
}

std::string Reader::place(int64_t i) const {
  return fmt::format("{}: sample {}", files_.path(addresses_.shard_of(i)).string(),
                     index_.table.key(i));
}

bool Reader::must_verify(int64_t i) const {
  if (read_before_ == nullptr) return false;
  if (always_) return true;
  const uint64_t bit = uint64_t{1} << (i % 64);
  std::atomic<uint64_t>& word = read_before_[i / 64];
  if ((word.load(std::memory_order_relaxed) & bit) != 0) return false;
  return (word.fetch_or(bit, std::memory_order_relaxed) & bit) == 0;
}

std::span<const uint8_t> Reader::fetch(int64_t i, std::vector<uint8_t>& memory) {
  const auto count = static_cast<size_t>(index_.table.stored_bytes(i));
  if (memory.size() < count) memory.resize(count);
  const std::span<uint8_t> bytes(memory.data(), count);
  if (blocks_) {
    blocks_->read(i, bytes);
  } else {
    files_.lease(addresses_.shard_of(i))->read(addresses_.address(i), bytes);
  }
  return bytes;
}

std::span<const uint8_t> Reader::read(int64_t i, std::vector<uint8_t>& memory) {
  std::span<const uint8_t> bytes;
  try {
    bytes = fetch(i, memory);
  } catch (const Error& error) {
    throw Error(error.kind(), "{}: {}", place(i), error.what());
  }
  if (must_verify(i)) {
    check(crc32(bytes) == index_.table.crc32[i], Kind::kData,
          "{} is damaged (CRC-32) (try: espalier verify, then copy or pack again)", place(i));
  }
  return bytes;
}

void Reader::announce(int64_t first, int64_t last) {
  if (!blocks_) return;
  for (const StoredRange& range : stored_ranges(index_, first, last)) {
    try {
      posix_fadvise(files_.lease(range.shard)->descriptor(), range.address, range.bytes,
                    POSIX_FADV_WILLNEED);
    } catch (const Error&) {
      // Only advice: a fault of the shard is reported when a sample of it is read.
    }
  }
}

}  // namespace espalier::data
