#include "shards/shard_writer.h"

#include <fcntl.h>
#include <unistd.h>

#include "core/error.h"
#include "core/files.h"
#include "core/log.h"
#include "shards/verify.h"

namespace espalier::shards {

namespace fs = std::filesystem;

PayloadFile::PayloadFile(const fs::path& path)
    : path_(path), descriptor_(open(path.c_str(), O_WRONLY | O_CLOEXEC)) {
  check(descriptor_ >= 0, Kind::kIo, "cannot open {}: {}", path.string(), errno_text());
}

PayloadFile::~PayloadFile() { close(descriptor_); }

void PayloadFile::write(int64_t offset, std::span<const uint8_t> bytes) const {
  while (!bytes.empty()) {
    const ssize_t written = pwrite(descriptor_, bytes.data(), bytes.size(), offset);
    if (written < 0 && errno == EINTR) continue;
    check(written > 0, Kind::kIo, "cannot write {}: {}", path_.string(), errno_text());
    bytes = bytes.subspan(static_cast<size_t>(written));
    offset += written;
  }
}

TemporaryFile::~TemporaryFile() { unlink(path.c_str()); }

fs::path shared_temporary_name(const fs::path& path) {
  return path.parent_path() / fmt::format(".{}.shared.partial", path.filename().string());
}

bool is_finished(const fs::path& path, const Shard& shard) {
  if (!fs::exists(path)) return false;
  const std::vector<std::string> faults = shard_faults(path, shard);
  if (faults.empty()) {
    log::info("pack", "{} is complete and kept", path.filename().string());
    return true;
  }
  // A damaged shard still holds its plan; a file without one is not of a pack.
  check(read_file(path).find(shard.facts.plan_sha256) != std::string::npos, Kind::kUsage,
        "{} is not a shard of this pack (try: another --out, or remove it)", path.string());
  log::warning("pack", "{}; it is written again", faults.front());
  return false;
}

}  // namespace espalier::shards
