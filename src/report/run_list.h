// The runs below a folder and how far each is, found from files alone.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/names.h"

namespace espalier::report {

enum class RunKind { kPretrain, kTransfer, kFit };
constexpr auto names_of(RunKind) {
  using enum RunKind;
  return names<RunKind>({{kPretrain, "pretrain"}, {kTransfer, "transfer"}, {kFit, "fit"}});
}

// Running: its process is alive on this host, or, on another one, has written within ten minutes.
// Failed: its log ends in an error. Stopped: anything else that has not ended, killed or asked to
// stop; it can be continued.
enum class RunState { kRunning, kDone, kStopped, kFailed };
constexpr auto names_of(RunState) {
  using enum RunState;
  return names<RunState>(
      {{kRunning, "running"}, {kDone, "done"}, {kStopped, "stopped"}, {kFailed, "failed"}});
}

struct ListedRun {
  std::filesystem::path path;
  RunKind kind = RunKind::kPretrain;
  RunState state = RunState::kStopped;
  double changed_seconds = 0;  // since it last wrote
  int64_t done = 0;            // steps, or cells of a sweep
  int64_t total = 0;           // cells of a sweep; 0 = not known
  std::string best;            // "val_accuracy 71.3 % at step 400"; "" where nothing was measured

  std::string progress() const;  // "400 steps", "88 of 90 cells"
};

// A process of another host that wrote nothing for so long is gone.
inline constexpr double kQuietSeconds = 600;

// Since the newest of the files that a run writes again and again.
double seconds_since_change(const std::filesystem::path& run);

// Cells of a sweep that a process computes now.
int64_t cells_in_work(const std::filesystem::path& sweep);

// Of `folder` itself and of all folders below it, those that changed last first. Run folders are
// not searched for runs. kUsage where it is no folder; a run that cannot be read is listed with
// what is known.
[[nodiscard]] std::vector<ListedRun> list_runs(const std::filesystem::path& folder);

}  // namespace espalier::report
