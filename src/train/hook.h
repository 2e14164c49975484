// A hook looks at a run while it trains and adds named scalars to its metrics. Plug-in kind "hook";
// train.hooks names the hooks of a run, and a section of the configuration named like the hook
// holds its options.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "comm/communicator.h"
#include "core/registry.h"
#include "pretext/task.h"

namespace espalier::train {

struct TrainingView;  // train/training_view.h

using pretext::Scalars;

class Hook : public Plugin {
 public:
  static constexpr const char* kKind = "hook";

  // Called once before step 0. Opens what the hook reads and refuses (kUsage) what it cannot work
  // with, so that no fault of a set is found out when an epoch ends. Collective; whatever it throws
  // is agreed by the caller, so a hook that communicates does so before anything that may fail on
  // some ranks alone.
  virtual void check(const TrainingView& view) = 0;

  // Collective: all ranks call it after the same steps, before the first step, at the end of every
  // epoch and at the end of the run. Leaves no trace in the network: weights, statistics and modes
  // are as before. What goes wrong is said through view.history, with what to try.
  virtual Scalars measure(TrainingView& view) = 0;
};

}  // namespace espalier::train
