#include "core/files.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <utility>

#include "core/activity.h"
#include "core/error.h"

namespace espalier {
namespace {

namespace fs = std::filesystem;

[[noreturn]] void io_error(const char* what, const fs::path& path) {
  throw Error(Kind::kIo, "cannot {} {}: {}", what, path.string(), errno_text());
}

// Much at once takes so long that progress must show in between.
constexpr size_t kPiece = 64 << 20;

fs::path folder_of(const fs::path& path) {
  return path.has_parent_path() ? path.parent_path() : fs::path(".");
}

}  // namespace

fs::path temporary_name(const fs::path& path) {
  return folder_of(path) / fmt::format(".{}.{}.partial", path.filename().string(), getpid());
}

AtomicFile::AtomicFile(fs::path path) : path_(std::move(path)), temporary_(temporary_name(path_)) {
  descriptor_ = open(temporary_.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (descriptor_ < 0) io_error("create", temporary_);
}

AtomicFile::~AtomicFile() {
  if (descriptor_ >= 0) close(descriptor_);
  if (!committed_) unlink(temporary_.c_str());
}

void AtomicFile::write(const void* bytes, size_t count) {
  const char* next = static_cast<const char*>(bytes);
  while (count > 0) {
    const ssize_t written = ::write(descriptor_, next, std::min(count, kPiece));
    if (written < 0 && errno == EINTR) continue;
    if (written < 0) io_error("write", path_);
    made_progress();
    next += written;
    count -= static_cast<size_t>(written);
  }
}

void AtomicFile::commit() {
  if (fsync(descriptor_) != 0) io_error("sync", path_);
  made_progress();
  if (close(std::exchange(descriptor_, -1)) != 0) io_error("close", path_);
  if (rename(temporary_.c_str(), path_.c_str()) != 0) io_error("rename to", path_);
  committed_ = true;
  sync_directory(folder_of(path_));
}

void publish(const fs::path& temporary, const fs::path& path) {
  const int descriptor = open(temporary.c_str(), O_RDONLY | O_CLOEXEC);
  if (descriptor < 0) io_error("open", temporary);
  const bool synced = fsync(descriptor) == 0;
  int reason = errno;
  close(descriptor);
  if (synced) made_progress();
  if (synced && rename(temporary.c_str(), path.c_str()) == 0)
    return sync_directory(folder_of(path));
  if (synced) reason = errno;
  unlink(temporary.c_str());
  errno = reason;
  io_error(synced ? "rename to" : "sync", path);
}

void write_file(const fs::path& path, std::string_view bytes) {
  AtomicFile file(path);
  file.write(bytes);
  file.commit();
}

std::string read_file(const fs::path& path) {
  const ReadOnlyFile file(path);
  std::string bytes(static_cast<size_t>(file.size_bytes()), '\0');
  file.read(0, {reinterpret_cast<uint8_t*>(bytes.data()), bytes.size()});
  return bytes;
}

std::vector<uint8_t> read_bytes(const fs::path& path) {
  const ReadOnlyFile file(path);
  std::vector<uint8_t> bytes(static_cast<size_t>(file.size_bytes()));
  file.read(0, bytes);
  return bytes;
}

void sync_directory(const fs::path& directory) {
  const int descriptor = open(directory.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (descriptor < 0) io_error("open", directory);
  const bool synced = fsync(descriptor) == 0;
  close(descriptor);
  if (!synced) io_error("sync", directory);
  made_progress();
}

void make_directories(const fs::path& directory) {
  std::error_code error;
  fs::create_directories(directory, error);
  check(!error, Kind::kIo, "cannot create folder {}: {}", directory.string(), error.message());
}

ReadOnlyFile::ReadOnlyFile(const fs::path& path) : path_(path) {
  descriptor_ = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);  // a pipe must not stop it
  if (descriptor_ < 0) io_error("open", path);
  struct stat status {};
  const bool known = fstat(descriptor_, &status) == 0;
  if (!known || !S_ISREG(status.st_mode)) {
    const int reason = errno;
    close(descriptor_);
    errno = reason;
    if (!known) io_error("stat", path);
    throw Error(Kind::kUsage, "{} is a {}, a regular file is needed", path.string(),
                S_ISDIR(status.st_mode) ? "folder" : "pipe or device");
  }
  size_bytes_ = status.st_size;
}

ReadOnlyFile::~ReadOnlyFile() {
  if (descriptor_ >= 0) close(descriptor_);
}

ReadOnlyFile::ReadOnlyFile(ReadOnlyFile&& other) noexcept
    : path_(std::move(other.path_)),
      descriptor_(std::exchange(other.descriptor_, -1)),
      size_bytes_(other.size_bytes_) {}

void ReadOnlyFile::read(int64_t offset, std::span<uint8_t> into) const {
  while (!into.empty()) {
    const ssize_t got = pread(descriptor_, into.data(), std::min(into.size(), kPiece), offset);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) io_error("read", path_);
    check(got > 0, Kind::kData, "{} ends at byte {}, {} more were expected", path_.string(), offset,
          into.size());
    if (static_cast<size_t>(got) == kPiece) made_progress();
    into = into.subspan(static_cast<size_t>(got));
    offset += got;
  }
}

}  // namespace espalier
