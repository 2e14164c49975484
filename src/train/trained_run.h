// The network of a run of pretrain, from its newest checkpoint, whether or not the run has ended.
#pragma once

#include "engine/run_folder.h"
#include "engine/trained_model.h"

namespace espalier::train {

// With the classes of the data where the run's task predicts them. kUsage where the folder holds no
// checkpoint.
engine::TrainedModel open_trained_run(const engine::RunFolder& folder);

}  // namespace espalier::train
