// A folder that one process at a time writes into.
//
//   const FolderLock lock(run / ".lock", "pretrain");
//
// The lock (flock on a file of its own, which names the host and the process) ends with this object
// or with the process, however that ends. Local: with several ranks, rank 0 holds it.
#pragma once

#include <filesystem>
#include <string>

namespace espalier {

class FolderLock {
 public:
  // Locks the folder of `path`, the lock's own file. kUsage, naming host and process, when another
  // `command` holds the lock; kIo. Where the file system has no locks, logs a warning and locks
  // nothing.
  [[nodiscard]] FolderLock(std::filesystem::path path, const std::string& command);
  ~FolderLock();
  FolderLock(const FolderLock&) = delete;

 private:
  void open_file();
  void lock(const std::string& command);

  std::filesystem::path path_;
  int descriptor_ = -1;
};

}  // namespace espalier
