// Writing a shard: many threads and ranks write its payload in place.
#pragma once

#include <cstdint>
#include <filesystem>
#include <span>

#include "shards/shard.h"

namespace espalier::shards {

// Writes into the payload of a shard, from many threads at once.
class PayloadFile {
 public:
  explicit PayloadFile(const std::filesystem::path& path);
  ~PayloadFile();
  PayloadFile(const PayloadFile&) = delete;

  void write(int64_t offset, std::span<const uint8_t> bytes) const;

 private:
  std::filesystem::path path_;
  int descriptor_;
};

// A file under a temporary name: removed unless it was published.
struct TemporaryFile {
  explicit TemporaryFile(std::filesystem::path path) : path(std::move(path)) {}
  ~TemporaryFile();
  TemporaryFile(const TemporaryFile&) = delete;
  std::filesystem::path path;
};

// The name under which several ranks write one shard.
[[nodiscard]] std::filesystem::path shared_temporary_name(const std::filesystem::path& path);

// Whether a pack that was killed has left this shard whole; a damaged one must be written again.
// kUsage when the file is another pack's or no shard.
[[nodiscard]] bool is_finished(const std::filesystem::path& path, const Shard& shard);

}  // namespace espalier::shards
