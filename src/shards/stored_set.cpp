#include "shards/stored_set.h"

#include <utility>

#include "core/error.h"
#include "core/hash.h"
#include "image/encoded.h"

namespace espalier::shards {
namespace {

std::vector<std::byte> index_of(const std::filesystem::path& folder) {
  const IndexFile file(folder);
  std::vector<std::byte> memory(static_cast<size_t>(file.bytes()));
  file.load(memory);
  return memory;
}

}  // namespace

StoredSet::StoredSet(const std::filesystem::path& folder)
    : memory_(index_of(folder)),
      index_(view_index(memory_)),
      addresses_(folder, index_),
      files_(folder, index_.shards) {
  require_shards(folder, index_);
}

std::string StoredSet::place(int64_t i) const {
  return fmt::format("{}: sample {}", files_.path(addresses_.shard_of(i)).string(), key(i));
}

std::vector<uint8_t> StoredSet::bytes(int64_t i) const {
  std::vector<uint8_t> bytes(static_cast<size_t>(index_.table.stored_bytes(i)));
  try {
    files_.lease(addresses_.shard_of(i))->read(addresses_.address(i), bytes);
  } catch (const Error& error) {
    throw Error(error.kind(), "{}: {}", place(i), error.what());
  }
  check(crc32(bytes) == index_.table.crc32[i], Kind::kData,
        "{} is damaged (CRC-32) (try: espalier verify, then copy or pack again)", place(i));
  return bytes;
}

image::Image StoredSet::image(int64_t i) const {
  const std::vector<uint8_t> stored = bytes(i);
  try {
    return image::Encoded{codec(i), index_.table.shape(i), stored}.image();
  } catch (const Error& error) {
    throw Error(error.kind(), "{}: {}", place(i), error.what());
  }
}

}  // namespace espalier::shards
