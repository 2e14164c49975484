#include "shards/parallel.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

#include "core/activity.h"
#include "core/error.h"

namespace espalier::shards {

void parallel_for(int64_t count, int64_t threads, const std::function<void(int64_t)>& body,
                  const std::function<void(int64_t)>& progress) {
  std::atomic<int64_t> next{0}, done{0};
  std::mutex mutex;
  std::exception_ptr error;
  const auto work = [&](const std::function<void(int64_t)>& report) {
    for (int64_t i = next++; i < count; i = next++) {
      try {
        body(i);
        ++done;
        made_progress();
        if (report) report(done);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!error) error = std::current_exception();
        next = count;
      }
    }
  };
  {
    std::vector<std::jthread> helpers;
    try {
      for (int64_t t = 1; t < std::min(threads, count); ++t) {
        helpers.emplace_back([&] { work({}); });
      }
    } catch (const std::exception& refusal) {  // the system's, or no memory
      next = count;
      throw Error(Kind::kIo,
                  "the system started {} of {} threads: {} (try: fewer threads, or a higher ulimit "
                  "-u or -v)",
                  helpers.size() + 1, threads, refusal.what());
    }
    work(progress);
  }
  if (error) std::rethrow_exception(error);
}

}  // namespace espalier::shards
