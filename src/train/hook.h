// A hook looks at a run while it trains and adds named scalars to its metrics. Plug-in kind "hook";
// train.hooks names the hooks of a run, and a section of the configuration named like the hook
// holds its options.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "comm/communicator.h"
#include "core/registry.h"

namespace espalier::train {

struct TrainingView;  // train/training_view.h

using Scalars = std::vector<std::pair<std::string, double>>;

class Hook : public Plugin {
 public:
  static constexpr const char* kKind = "hook";

  // Called once before step 0; refuses what it cannot work with (kUsage).
  virtual void check(const TrainingView& view) = 0;

  // Collective: all ranks call it after the same steps, at the end of every epoch and of the run.
  // Leaves no trace in the network: weights, statistics and modes are as before.
  virtual Scalars at_epoch_end(TrainingView& view) = 0;
};

}  // namespace espalier::train
