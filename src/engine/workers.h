// Threads that run the lanes of a rank side by side. A thread that the system refuses is kIo.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace espalier::engine {

// `count` workers, each with `threads_each` threads for the operations it calls. One worker means
// the caller itself, whose own number of threads is then set.
class Workers {
 public:
  Workers(int64_t count, int64_t threads_each);
  ~Workers();
  Workers(const Workers&) = delete;

  int64_t count() const { return count_; }

  // Calls work(worker, item) for every item of [0, items), in any order; returns when all are done.
  // Throws the first exception, after all workers are idle.
  using Work = std::function<void(int64_t worker, int64_t item)>;
  void run(int64_t items, const Work& work);

 private:
  void loop(int64_t worker);
  void stop();

  const int64_t count_, threads_each_;
  std::mutex mutex_;
  std::condition_variable changed_;
  const Work* work_ = nullptr;
  int64_t next_ = 0, items_ = 0, busy_ = 0;
  std::exception_ptr error_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace espalier::engine
