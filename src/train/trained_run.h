// The network of a run of pretrain, from a checkpoint, whether or not the run has ended.
#pragma once

#include "engine/run_folder.h"
#include "engine/trained_model.h"

namespace espalier::train {

// From the newest checkpoint, or that of `step`. With the classes of the data where the run's task
// predicts them. kUsage where the folder does not hold the checkpoint, kData where it is damaged.
engine::TrainedModel open_trained_run(const engine::RunFolder& folder,
                                      std::optional<int64_t> step = {});

}  // namespace espalier::train
