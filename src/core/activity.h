// What this process is doing, and whether it makes progress. The watchdog reads both and, through
// heartbeats, so do the ranks that wait for this one (comm/heartbeat.h).
//
//   const Activity activity("writing the checkpoint of step {}", step);
//   for (...) { write a piece; made_progress(); }
//
// Work may last as long as it likes while it makes progress at least once a deadline
// (train.deadline_seconds). Files, hashes and shards::parallel_for report their progress
// themselves.
#pragma once

#include <fmt/format.h>

#include <cstdint>
#include <string>
#include <utility>

namespace espalier {

// Names what is done while it lives; the innermost one counts. Beginning and ending is progress.
// Any thread.
class Activity {
 public:
  template <typename... Args>
  [[nodiscard]] explicit Activity(fmt::format_string<Args...> format, Args&&... args) {
    begin(fmt::format(format, std::forward<Args>(args)...));
  }
  ~Activity();
  Activity(const Activity&) = delete;

  // The innermost one; "an unnamed activity" where there is none.
  static std::string current();

 private:
  void begin(std::string text);
};

// Any thread; cheap.
void made_progress();
int64_t progress_count();

// A wait with a deadline of its own, for example for data: it counts as progress while it lasts.
class BoundedWait {
 public:
  [[nodiscard]] BoundedWait();
  ~BoundedWait();
  BoundedWait(const BoundedWait&) = delete;

  static bool under_way();
};

}  // namespace espalier
