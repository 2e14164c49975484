// Whether a run may go on from a checkpoint.
#pragma once

#include "train/checkpoint.h"
#include "train/run_config.h"

namespace espalier::train {

// kUsage, naming the first difference, when an identity option, the data, or, in exact mode, what
// decides bits is not what the checkpoint was written under. In fast mode the last is a warning.
void require_same_run(const LoadedCheckpoint& checkpoint, const RunConfig& config,
                      const RunState& now);

}  // namespace espalier::train
