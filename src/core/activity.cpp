#include "core/activity.h"

#include <atomic>
#include <mutex>
#include <vector>

namespace espalier {
namespace {

std::atomic<int64_t> progress{0};
std::atomic<int> bounded_waits{0};

struct Activities {
  std::mutex mutex;
  std::vector<std::pair<const Activity*, std::string>> running;  // innermost last
};

// Never destroyed: threads may outlive the statics.
Activities& activities() {
  static auto* const instance = new Activities;
  return *instance;
}

}  // namespace

void Activity::begin(std::string text) {
  Activities& all = activities();
  const std::lock_guard lock(all.mutex);
  all.running.emplace_back(this, std::move(text));
  made_progress();
}

Activity::~Activity() {
  Activities& all = activities();
  const std::lock_guard lock(all.mutex);
  std::erase_if(all.running, [this](const auto& entry) { return entry.first == this; });
  made_progress();
}

std::string Activity::current() {
  Activities& all = activities();
  const std::lock_guard lock(all.mutex);
  return all.running.empty() ? "an unnamed activity" : all.running.back().second;
}

void made_progress() { progress.fetch_add(1, std::memory_order_relaxed); }
int64_t progress_count() { return progress.load(std::memory_order_relaxed); }

BoundedWait::BoundedWait() { ++bounded_waits; }

BoundedWait::~BoundedWait() {
  --bounded_waits;
  made_progress();
}

bool BoundedWait::under_way() { return bounded_waits > 0; }

}  // namespace espalier
