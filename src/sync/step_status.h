// The one place in a step where ranks agree (design, law 6): a small record that all exchange once,
// after the gradients are summed and before the optimizer moves.
#pragma once

#include <cstdint>
#include <exception>
#include <optional>
#include <string>

#include "comm/communicator.h"

namespace espalier::sync {

// What one rank knows at the end of a step's reduction.
struct StepReport {
  int64_t step = 0;
  bool stop_wanted = false;                 // a signal asked this rank to stop
  bool checkpoint_wanted = false;           // the last checkpoint of this rank is long ago
  bool nonfinite = false;                   // the loss or the summed gradient is not finite
  bool own_nonfinite = false;               // ... and this rank's lanes are why
  std::exception_ptr next_error = nullptr;  // why there is no batch for the next step
};

struct StepDecision {
  bool stop = false;                // checkpoint and leave
  bool checkpoint = false;          // write one after this step
  bool skip = false;                // leave the weights as they are
  int nonfinite_rank = -1;          // the first whose lanes are why; -1: the sum alone overflows
  std::optional<Error> next_error;  // complete this step, keep its state, then throw this
};

// Collective. `next_error` is the first failing rank's, on all ranks alike and marked agreed; kBug
// when ranks are at different steps.
StepDecision exchange(comm::Communicator& control, const StepReport& report);

// Collective. Throws kUsage, naming the ranks that differ, unless all ranks hold equal values:
// build, configuration, data, initial weights.
void require_equal(comm::Communicator& control, const std::string& what, const std::string& value);

}  // namespace espalier::sync
