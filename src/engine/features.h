// Pooled features of many images, embedded by all ranks together.
#pragma once

#include "comm/communicator.h"
#include "engine/evaluate.h"

namespace espalier::engine {

// Collective. f32 [N, D] on the host of every rank, rows in the order of `selection`. Images enter
// the network in the same batches on any number of ranks, so the bits are the same; `pass.batch` is
// not read. `backbone` is in evaluation mode.
at::Tensor gather_features(model::Backbone& backbone, Pass pass, const data::Selection& selection,
                           comm::Communicator& control);

}  // namespace espalier::engine
