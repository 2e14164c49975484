// The folder that a pack writes into: held by one pack at a time, and never one with the files of
// somebody else.
#pragma once

#include <filesystem>

#include "data/plan.h"

namespace espalier::data {

inline constexpr const char* kLockName = ".pack.lock";

class PackFolder {
 public:
  // Makes the folder, locks it and removes what a killed pack left half written. kUsage when it
  // holds anything that no pack leaves, or when another pack holds it; kIo. The lock (flock on a
  // file of its own) ends with this object or with the process, however that ends; where the file
  // system has no locks there is a warning and nobody is kept out.
  explicit PackFolder(std::filesystem::path path);
  ~PackFolder();
  PackFolder(const PackFolder&) = delete;

  // kUsage when there are files of another plan.
  void require(const Plan& plan) const;
  void remove_scan_journals() const;

 private:
  void lock();
  void unlock();

  std::filesystem::path path_;
  int lock_ = -1;
};

}  // namespace espalier::data
