#include "data/parallel.h"

#include <atomic>
#include <exception>
#include <mutex>
#include <thread>
#include <vector>

namespace espalier::data {

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
    for (int64_t t = 1; t < threads; ++t) helpers.emplace_back([&] { work({}); });
    work(progress);
  }
  if (error) std::rethrow_exception(error);
}

}  // namespace espalier::data
