// The report of runs: one self-contained page, or its tables as Markdown. Reads run folders only,
// and runs nothing.
//
//   write_file("page.html", report::render({"runs/rotation", "runs/transfer"}));
//
// A path is a run folder or a folder of them. The page lists missing parts; kUsage where there is
// no run at all.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace espalier::report {

// With `refresh_seconds` the browser loads the page again and again, for a sweep that runs.
std::string render(const std::vector<std::filesystem::path>& paths, int refresh_seconds = 0);
std::string render_markdown(const std::vector<std::filesystem::path>& paths);

}  // namespace espalier::report
