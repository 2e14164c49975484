#include "sync/communicating_thread.h"

#include <ATen/Parallel.h>

#include "comm/heartbeat.h"
#include "core/activity.h"
#include "core/error_of.h"

namespace espalier::sync {

CommunicatingThread::CommunicatingThread(comm::Communicator& comm)
    : comm_(comm),
      place_(comm.compute_stream() != nullptr ? Place::kAtOnce
             : comm.concurrent()              ? Place::kThread
                                              : Place::kAtDrain) {
  if (place_ == Place::kThread && comm.size() > 1) thread_.emplace([this] { loop(); });
}

CommunicatingThread::~CommunicatingThread() {
  if (!thread_) return;
  {
    const std::lock_guard lock(mutex_);
    stopped_ = true;
    jobs_.clear();
  }
  changed_.notify_all();
  thread_->join();
}

void CommunicatingThread::add(std::function<void()> job) {
  // A single rank has nobody to wait for: its jobs are sums in memory, done while it is warm.
  if (place_ == Place::kAtOnce || comm_.size() == 1) {
    run(job);
    return;
  }
  {
    const std::lock_guard lock(mutex_);
    jobs_.push_back(std::move(job));
  }
  changed_.notify_all();
}

void CommunicatingThread::run(const std::function<void()>& job) {
  {
    const std::lock_guard lock(mutex_);
    if (error_) return;
  }
  std::exception_ptr error;
  try {
    job();
    made_progress();
  } catch (...) {
    error = std::current_exception();
    comm_.raise(error_of(error));
  }
  const std::lock_guard lock(mutex_);
  if (error && !error_) error_ = error;
}

void CommunicatingThread::drain() {
  std::unique_lock lock(mutex_);
  while (!thread_ && !jobs_.empty()) {
    const auto job = std::move(jobs_.front());
    jobs_.pop_front();
    lock.unlock();
    run(job);
    lock.lock();
  }
  {
    const comm::PeerWait waiting;
    changed_.wait(lock, [&] { return jobs_.empty() && !busy_; });
  }
  if (error_) std::rethrow_exception(error_);
}

void CommunicatingThread::loop() {
  at::set_num_threads(1);
  std::unique_lock lock(mutex_);
  for (;;) {
    changed_.wait(lock, [&] { return stopped_ || !jobs_.empty(); });
    if (stopped_) return;
    const auto job = std::move(jobs_.front());
    jobs_.pop_front();
    busy_ = true;
    lock.unlock();
    run(job);
    lock.lock();
    busy_ = false;
    changed_.notify_all();
  }
}

}  // namespace espalier::sync
