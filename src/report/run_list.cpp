#include "report/run_list.h"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <optional>

#include "core/error.h"
#include "core/files.h"
#include "report/history.h"
#include "report/numbers.h"
#include "report/run.h"

namespace espalier::report {
namespace {

namespace fs = std::filesystem;

bool there(const fs::path& path) {
  std::error_code unreadable;
  return fs::exists(path, unreadable);
}

double seconds_since(const fs::path& path) {
  std::error_code unreadable;
  const auto written = fs::last_write_time(path, unreadable);
  if (unreadable) return std::numeric_limits<double>::infinity();
  return std::chrono::duration<double>(fs::file_time_type::clock::now() - written).count();
}

std::string text_of(const fs::path& path) {
  try {
    return there(path) ? read_file(path) : "";
  } catch (const Error&) {
    return "";
  }
}

// Whether the process that a lock names lives, where that can be known.
std::optional<bool> is_alive(const std::string& host, int64_t process) {
  std::array<char, 256> own{};
  gethostname(own.data(), own.size() - 1);
  if (host != own.data() || process <= 0) return std::nullopt;
  return kill(static_cast<pid_t>(process), 0) == 0 || errno == EPERM;
}

// "process 17 on HOST" (core/folder_lock.h) or "HOST 17" (of a cell).
bool is_held(const fs::path& lock, double changed_seconds) {
  const std::string text = text_of(lock);
  std::array<char, 256> host{};
  long process = 0;
  const bool read = std::sscanf(text.c_str(), "process %ld on %255s", &process, host.data()) == 2 ||
                    std::sscanf(text.c_str(), "%255s %ld", host.data(), &process) == 2;
  if (!read) return false;
  return is_alive(host.data(), process)
      .value_or(std::min(seconds_since(lock), changed_seconds) < kQuietSeconds);
}

bool is_running(const ListedRun& run) {
  if (run.kind == RunKind::kTransfer) return cells_in_work(run.path) > 0;
  return there(run.path / ".lock") && is_held(run.path / ".lock", run.changed_seconds);
}

// "12:00:00 E [0] ..." (core/log.h).
bool ends_in_error(const std::string& log) {
  const size_t end = log.find_last_not_of('\n');
  if (end == log.npos) return false;
  const size_t line = log.rfind('\n', end) + 1;
  return log.substr(line, 11).ends_with(" E ");
}

RunState state_of(const ListedRun& run, bool ended) {
  if (is_running(run)) return RunState::kRunning;
  if (ended) return RunState::kDone;
  return ends_in_error(text_of(run.path / "log.txt")) ? RunState::kFailed : RunState::kStopped;
}

// The highest of what counts most among what was measured.
std::string best_of(const std::vector<Scalar>& scalars) {
  for (const char* wanted :
       {"val_accuracy", "validation_accuracy", "probe_accuracy", "knn_accuracy"}) {
    const auto scalar = std::ranges::find(scalars, wanted, &Scalar::name);
    if (scalar == scalars.end()) continue;
    const auto best = std::ranges::max_element(scalar->values);
    const auto at = static_cast<size_t>(best - scalar->values.begin());
    return fmt::format("{} {} at step {}", wanted, percent(*best), scalar->steps[at]);
  }
  const auto loss = std::ranges::find(scalars, "loss", &Scalar::name);
  return loss == scalars.end() ? "" : fmt::format("loss {:.4g}, the last", loss->values.back());
}

std::string best_of(const TransferRun& run) {
  const Row* best = nullptr;
  for (const Row& row : run.rows)
    if (!std::isnan(row.accuracy.mean) && (!best || row.accuracy.mean > best->accuracy.mean))
      best = &row;
  if (best == nullptr) return "";
  return fmt::format("accuracy {}: {}{}, {}", percent(best->accuracy), run.name_of(best->line),
                     best->cut > 0 ? fmt::format(" cut {}", best->cut) : "",
                     budget_text(best->labels_per_class));
}

void read_steps(ListedRun& run) {
  try {
    const History history = read_history(run.path);
    for (const Scalar& scalar : history.scalars)
      run.done = std::max<int64_t>(run.done, std::llround(scalar.steps.back()));
    run.best = best_of(history.scalars);
  } catch (const Error&) {
    // It has measured nothing so far, or what it wrote is damaged: there is nothing to say.
  }
}

void read_cells(ListedRun& run) {
  const Runs runs = read_runs({run.path});
  for (const TransferRun& sweep : runs.transfer) {
    run.total = static_cast<int64_t>(sweep.cells.size());
    run.done = run.total - sweep.waiting();
    run.best = best_of(sweep);
  }
}

bool has_ended(const ListedRun& run) {
  if (run.kind == RunKind::kTransfer) return run.done == run.total;
  // What each writes last.
  return there(run.path / (run.kind == RunKind::kFit ? "head.safetensors" : "backbone.json"));
}

std::optional<ListedRun> run_at(const fs::path& path) {
  ListedRun run{.path = path.lexically_normal()};
  if (there(path / "plan.json") || there(path / "cells.csv"))
    run.kind = RunKind::kTransfer;
  else if (there(path / "fit.json"))
    run.kind = RunKind::kFit;
  else if (!there(path / "metrics.jsonl") && !there(path / "backbone.json"))
    return std::nullopt;
  run.changed_seconds = seconds_since_change(path);
  if (run.kind == RunKind::kTransfer)
    read_cells(run);
  else
    read_steps(run);
  run.state = state_of(run, has_ended(run));
  return run;
}

void search(const fs::path& folder, std::vector<ListedRun>& runs) {
  if (auto run = run_at(folder)) {
    runs.push_back(std::move(*run));
    return;
  }
  std::error_code unreadable;
  for (const auto& entry : fs::directory_iterator(folder, unreadable)) {
    const bool hidden = entry.path().filename().string().starts_with('.');
    if (!hidden && entry.is_directory(unreadable) && !entry.is_symlink(unreadable))
      search(entry.path(), runs);
  }
}

}  // namespace

double seconds_since_change(const fs::path& run) {
  double least = std::numeric_limits<double>::infinity();
  for (const char* name : {"metrics.jsonl", "log.txt", "config.yaml", "plan.json", "cells.csv",
                           "cells", "curve.csv", "backbone.json"})
    least = std::min(least, seconds_since(run / name));
  return std::max(0.0, least);
}

int64_t cells_in_work(const fs::path& sweep) {
  const double changed_seconds = seconds_since_change(sweep);
  std::error_code unreadable;
  int64_t count = 0;
  for (const auto& entry : fs::directory_iterator(sweep / "cells", unreadable))
    count += entry.path().extension() == ".lock" && is_held(entry.path(), changed_seconds);
  return count;
}

std::string ListedRun::progress() const {
  if (kind != RunKind::kTransfer) return counted(done, "step");
  return fmt::format("{} of {}", done, counted(total, "cell"));
}

std::vector<ListedRun> list_runs(const fs::path& folder) {
  check(fs::is_directory(folder), Kind::kUsage, "{} is not a folder (try: espalier runs .)",
        folder.string());
  std::vector<ListedRun> runs;
  search(folder, runs);
  std::ranges::sort(runs, {},
                    [](const ListedRun& run) { return std::pair(run.changed_seconds, run.path); });
  return runs;
}

}  // namespace espalier::report
