#include "engine/workers.h"

#include <torch/torch.h>

#include "core/activity.h"
#include "core/error.h"

namespace espalier::engine {

Workers::Workers(int64_t count, int64_t threads_each) : count_(count), threads_each_(threads_each) {
  if (count_ == 1) torch::set_num_threads(static_cast<int>(threads_each_));
  try {
    for (int64_t worker = 0; count_ > 1 && worker < count_; ++worker)
      threads_.emplace_back([this, worker] { loop(worker); });
  } catch (const std::exception& error) {
    stop();
    throw Error(Kind::kIo,
                "worker thread {} of {} cannot start: {} (try: a larger ulimit -u or -v)",
                threads_.size() + 1, count_, error.what());
  }
}

Workers::~Workers() { stop(); }

void Workers::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
  }
  changed_.notify_all();
  for (std::thread& thread : threads_) thread.join();
}

void Workers::run(int64_t items, const Work& work) {
  if (count_ == 1) {
    for (int64_t item = 0; item < items; ++item) {
      work(0, item);
      made_progress();
    }
    return;
  }
  std::unique_lock lock(mutex_);
  work_ = &work;
  next_ = 0;
  items_ = items;
  error_ = nullptr;
  changed_.notify_all();
  changed_.wait(lock, [&] { return next_ == items_ && busy_ == 0; });
  if (error_) std::rethrow_exception(error_);
}

void Workers::loop(int64_t worker) {
  torch::set_num_threads(static_cast<int>(threads_each_));
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return stopped_ || next_ < items_; });
    if (stopped_) return;
    const int64_t item = next_++;
    ++busy_;
    lock.unlock();
    std::exception_ptr error;
    try {
      (*work_)(worker, item);
      made_progress();
    } catch (...) {
      error = std::current_exception();
    }
    lock.lock();
    --busy_;
    if (error && !error_) error_ = error;
    if (error) next_ = items_;  // nothing further is begun
    changed_.notify_all();
  }
}

}  // namespace espalier::engine
