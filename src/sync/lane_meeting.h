// Where all lanes of all ranks meet in the middle of their work, to sum something small.
//
// Needs every lane of a rank under way at once, each on a thread of its own. The sum follows the
// tree in exact mode, so its bits do not depend on ranks.
#pragma once

#include <ATen/core/Tensor.h>

#include <condition_variable>
#include <exception>
#include <mutex>
#include <vector>

#include "comm/communicator.h"
#include "sync/lanes.h"

namespace espalier::sync {

class LaneMeeting {
 public:
  // `comm` is in use by whichever lane comes last.
  LaneMeeting(comm::Communicator& comm, const LanePlan& plan, bool exact);

  // Collective over lanes; `lane` counts from this rank's first. Returns the sum when all lanes
  // have come. Rethrows what fail() was given.
  at::Tensor sum(int64_t lane, const at::Tensor& values);

  // A lane will not come.
  void fail(std::exception_ptr error);
  // Before the first meeting of a step.
  void begin();

 private:
  comm::Communicator& comm_;
  const LanePlan plan_;
  const bool exact_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<at::Tensor> given_;
  at::Tensor sum_;
  int64_t here_ = 0, meetings_ = 0;
  std::exception_ptr error_;
};

}  // namespace espalier::sync
