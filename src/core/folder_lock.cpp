#include "core/folder_lock.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <utility>

#include "core/error.h"
#include "core/log.h"

namespace espalier {
namespace {

// Whether the open file is still the one of this name.
bool is_named(int descriptor, const std::filesystem::path& path) {
  struct stat opened {
  }, named{};
  return fstat(descriptor, &opened) == 0 && stat(path.c_str(), &named) == 0 &&
         opened.st_dev == named.st_dev && opened.st_ino == named.st_ino;
}

std::string this_process() {
  std::array<char, 256> host{};
  gethostname(host.data(), host.size() - 1);
  return fmt::format("process {} on {}", getpid(), host.data());
}

// The text that the holder of the lock wrote, or may be about to write.
std::string holder(int descriptor) {
  std::array<char, 512> text{};
  const ssize_t got = pread(descriptor, text.data(), text.size(), 0);
  return got > 0 ? std::string(text.data(), static_cast<size_t>(got)) : "another process";
}

}  // namespace

FolderLock::FolderLock(std::filesystem::path path, const std::string& command)
    : path_(std::move(path)) {
  try {
    lock(command);
  } catch (...) {
    if (descriptor_ >= 0) close(descriptor_);
    throw;
  }
  const std::string text = this_process();
  if (ftruncate(descriptor_, 0) != 0 ||
      pwrite(descriptor_, text.data(), text.size(), 0) != static_cast<ssize_t>(text.size()))
    log::warning(command, "cannot write {}: {}", path_.string(), errno_text());
}

FolderLock::~FolderLock() {
  unlink(path_.c_str());
  close(descriptor_);
}

void FolderLock::open_file() {
  if (descriptor_ >= 0) close(descriptor_);
  descriptor_ = open(path_.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  check(descriptor_ >= 0, Kind::kIo, "cannot create {}: {}", path_.string(), errno_text());
}

void FolderLock::lock(const std::string& command) {
  do {
    open_file();
    if (flock(descriptor_, LOCK_EX | LOCK_NB) == 0) continue;
    check(errno != EWOULDBLOCK, Kind::kUsage,
          "another {} is writing into {}: {} (try: wait until it ends, or another --out)", command,
          path_.parent_path().string(), holder(descriptor_));
    log::warning(command, "{} cannot be locked ({}): make sure that no other {} writes there",
                 path_.string(), errno_text(), command);
  } while (!is_named(descriptor_, path_));  // its holder removed it in between
}

}  // namespace espalier
