// A sweep as it runs, as text for a terminal, from the files of its folder alone.
//
//   for (SweepView view = view_sweep("runs/transfer");; view = view_sweep(...)) { ...; wait; }
#pragma once

#include <filesystem>
#include <string>

namespace espalier::report {

struct SweepView {
  std::string text;    // cells, time that is left, the mean of every arm so far
  bool ended = false;  // every cell has a result, or no process has worked on it for ten minutes
};

// kUsage where the folder holds no sweep.
[[nodiscard]] SweepView view_sweep(const std::filesystem::path& folder);

}  // namespace espalier::report
