#include "sync/lane_meeting.h"

#include "comm/heartbeat.h"
#include "sync/lane_sums.h"

namespace espalier::sync {

LaneMeeting::LaneMeeting(comm::Communicator& comm, const LanePlan& plan, bool exact)
    : comm_(comm), plan_(plan), exact_(exact), given_(static_cast<size_t>(plan.count())) {}

void LaneMeeting::begin() {
  const std::lock_guard lock(mutex_);
  here_ = 0;
  error_ = nullptr;
}

at::Tensor LaneMeeting::sum(int64_t lane, const at::Tensor& values) {
  std::unique_lock lock(mutex_);
  if (error_) std::rethrow_exception(error_);
  given_[static_cast<size_t>(lane)] = values.detach().clone();
  if (++here_ == plan_.count()) {
    try {
      sum_ = sum_of_lanes(comm_, plan_, given_, exact_);
    } catch (...) {
      error_ = std::current_exception();
    }
    here_ = 0;
    ++meetings_;
    changed_.notify_all();
  } else {
    const int64_t meeting = meetings_;
    const comm::PeerWait waiting;
    changed_.wait(lock, [&] { return error_ || meetings_ != meeting; });
  }
  if (error_) std::rethrow_exception(error_);
  return sum_;
}

void LaneMeeting::fail(std::exception_ptr error) {
  {
    const std::lock_guard lock(mutex_);
    if (!error_) error_ = error;
  }
  changed_.notify_all();
}

}  // namespace espalier::sync
