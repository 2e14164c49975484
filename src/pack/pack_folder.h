// The folder that a pack writes into: locked by one pack at a time, and never one that holds other
// files.
#pragma once

#include <filesystem>
#include <optional>

#include "core/folder_lock.h"
#include "pack/plan.h"

namespace espalier::pack {

inline constexpr const char* kLockName = ".pack.lock";

class PackFolder {
 public:
  // Makes the folder, locks it and removes what a killed pack left half written. kUsage when it
  // holds anything that no pack leaves, or when another pack holds it; kIo.
  explicit PackFolder(std::filesystem::path path);

  // kUsage when there are files of another plan.
  void require(const Plan& plan) const;
  void remove_scan_journals() const;

 private:
  std::filesystem::path path_;
  std::optional<FolderLock> lock_;
};

}  // namespace espalier::pack
