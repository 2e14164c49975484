#include "engine/run_folder.h"

#include "core/error.h"

namespace espalier::engine {

void remove_leftovers(const RunFolder& folder) {
  for (const std::filesystem::path& path : {folder.path, folder.checkpoints()}) {
    std::error_code error;
    if (!std::filesystem::exists(path)) continue;
    for (const auto& entry : std::filesystem::directory_iterator(path, error)) {
      const std::string name = entry.path().filename();
      if (name.starts_with('.') && name.ends_with(".partial"))
        std::filesystem::remove_all(entry.path(), error);
    }
    check(!error, Kind::kIo, "cannot clear {}: {}", path.string(), error.message());
  }
}

}  // namespace espalier::engine
