#include "pack/scan_journal.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <type_traits>

#include "core/error.h"
#include "core/files.h"

namespace espalier::pack {
namespace {

namespace fs = std::filesystem;

constexpr const char* kPrefix = ".scan-";
constexpr size_t kPendingBytes = 16 << 10;

struct Entry {
  int64_t position;
  Verdict::Facts facts;
};
static_assert(std::is_trivially_copyable_v<Entry>);

constexpr size_t kEntryBytes = sizeof(Entry) + sizeof(uint32_t);  // followed by its CRC-32

uint32_t crc32_of(const char* entry) {
  return crc32({reinterpret_cast<const uint8_t*>(entry), sizeof(Entry)});
}

}  // namespace

bool is_scan_journal(const std::string& name) { return name.starts_with(kPrefix); }

ScanJournal::ScanJournal(const fs::path& folder, int rank, const std::string& meaning,
                         int64_t begin, int64_t end) {
  const std::string header = sha256_hex(fmt::format("{} {}", kEntryBytes, meaning));
  try {
    for (const auto& file : fs::directory_iterator(folder)) {
      if (is_scan_journal(file.path().filename().string())) read(file.path(), header, begin, end);
    }
  } catch (const fs::filesystem_error& error) {
    throw Error(Kind::kIo, "cannot list {}: {}", folder.string(), error.what());
  }
  create(folder, rank);
  pending_ = header;
}

ScanJournal::~ScanJournal() { close(descriptor_); }

void ScanJournal::create(const fs::path& folder, int rank) {
  for (int number = 0; descriptor_ < 0; ++number) {
    path_ = folder / fmt::format("{}{}-{}", kPrefix, rank, number);
    descriptor_ = open(path_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    check(descriptor_ >= 0 || errno == EEXIST, Kind::kIo, "cannot create {}: {}", path_.string(),
          errno_text());
  }
}

void ScanJournal::read(const fs::path& path, const std::string& header, int64_t begin,
                       int64_t end) {
  const std::string bytes = read_file(path);
  if (!bytes.starts_with(header)) return;
  for (size_t at = header.size(); at + kEntryBytes <= bytes.size(); at += kEntryBytes) {
    uint32_t crc = 0;
    std::memcpy(&crc, bytes.data() + at + sizeof(Entry), sizeof crc);
    if (crc != crc32_of(bytes.data() + at)) return;
    Entry entry;
    std::memcpy(&entry, bytes.data() + at, sizeof entry);
    if (begin <= entry.position && entry.position < end) known_[entry.position] = entry.facts;
  }
}

const Verdict::Facts* ScanJournal::find(int64_t position, const Sha256::Digest& sha256) const {
  const auto found = known_.find(position);
  return found != known_.end() && found->second.sha256 == sha256 ? &found->second : nullptr;
}

void ScanJournal::add(int64_t position, const Verdict::Facts& facts) {
  char bytes[kEntryBytes];
  const Entry entry{position, facts};
  std::memcpy(bytes, &entry, sizeof entry);
  const uint32_t crc = crc32_of(bytes);
  std::memcpy(bytes + sizeof entry, &crc, sizeof crc);
  const std::lock_guard lock(mutex_);
  pending_.append(bytes, sizeof bytes);
  if (pending_.size() >= kPendingBytes) write_pending();
}

void ScanJournal::flush() {
  const std::lock_guard lock(mutex_);
  write_pending();
}

// Under the lock.
void ScanJournal::write_pending() {
  size_t written = 0;
  while (written < pending_.size()) {
    const ssize_t count = write(descriptor_, pending_.data() + written, pending_.size() - written);
    check(count >= 0 || errno == EINTR, Kind::kIo, "cannot write {}: {}", path_.string(),
          errno_text());
    if (count > 0) written += static_cast<size_t>(count);
  }
  pending_.clear();
}

}  // namespace espalier::pack
