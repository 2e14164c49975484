#include "engine/run_folder.h"

#include <algorithm>

#include "core/error.h"

namespace espalier::engine {

std::optional<RunAtStep> run_at_step(const std::string& text) {
  constexpr size_t kMostDigits = 11;
  const size_t at = text.rfind('@');
  if (at == std::string::npos || std::filesystem::exists(text)) return {};
  const std::string digits = text.substr(at + 1);
  if (digits.empty() || digits.size() > kMostDigits ||
      !std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; }))
    return {};
  return RunAtStep{{text.substr(0, at)}, std::stoll(digits)};
}

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
