// augment.mean and augment.std of a run whose configuration leaves them to the data.
#pragma once

#include "comm/communicator.h"
#include "train/run_config.h"

namespace espalier::train {

// Collective. Where either is empty, the mean and standard deviation of the samples of `set` that
// train (`training` empty = all), measured by rank 0 over at most data::kStatisticsImages images in
// the channels of the views and rounded to four digits; a channel that does not vary is divided
// by 1. They then stand in the configuration as if somebody had written them, so that evaluating,
// resuming and the exported backbone use the same.
RunConfig with_normalisation_of(comm::Communicator& control, RunConfig config,
                                const data::Dataset& set, const data::Selection& training,
                                int64_t channels);

}  // namespace espalier::train
