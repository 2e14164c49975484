// Text for people, on stderr and optionally in a run's log.txt: time, level, rank, area, text.
//
//   log::info("pack", "{} images in {} shards", images, shards);
//
// Rank 0 writes every level, other ranks only warnings and errors. A text is one line: control
// characters in it are escaped (core/printable.h). Thread-safe.
#pragma once

#include <fmt/format.h>

#include <filesystem>
#include <string_view>
#include <utility>

namespace espalier::log {

enum class Level { kInfo, kWarning, kError };

// Called once, before the first line. `quiet` leaves warnings and errors only on stderr.
void setup(int rank, bool quiet);

// Also appends every line to `path` from now on, whatever `quiet` (rank 0 of a run). kIo.
void add_file(const std::filesystem::path& path);

void write(Level level, std::string_view area, std::string_view text);

template <typename... Args>
void info(std::string_view area, fmt::format_string<Args...> format, Args&&... args) {
  write(Level::kInfo, area, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void warning(std::string_view area, fmt::format_string<Args...> format, Args&&... args) {
  write(Level::kWarning, area, fmt::format(format, std::forward<Args>(args)...));
}
template <typename... Args>
void error(std::string_view area, fmt::format_string<Args...> format, Args&&... args) {
  write(Level::kError, area, fmt::format(format, std::forward<Args>(args)...));
}

}  // namespace espalier::log
