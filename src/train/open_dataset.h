// A packed set opened by all ranks together: rank 0 reads the index, every node holds one copy of
// it, and no other rank asks the file system for anything but the samples it reads.
#pragma once

#include <memory>
#include <string>

#include "comm/communicator.h"
#include "data/data_options.h"
#include "data/dataset.h"
#include "data/loader.h"
#include "data/selection.h"

namespace espalier::train {

// Collective. A local copy of the shards is made, once per node, where that is the way of reading.
// Errors are agreed.
data::Dataset open_dataset(comm::Communicator& control, const std::string& folder,
                           const data::ReadOptions& options, const data::BatchShare& share);

// The loader of this rank: the samples that train, in the set's order. `plan` says all but the
// share. Threads as the options say, or as many as the rank has cores. kUsage when it would take
// more memory than data.max_memory; what it takes at most is logged.
std::unique_ptr<data::Loader> make_loader(const data::Dataset& dataset, const data::Holdout& parts,
                                          const data::DataOptions& options,
                                          const data::BatchShare& share, data::LoaderPlan plan,
                                          data::Loader::Transform transform,
                                          double deadline_seconds);

}  // namespace espalier::train
