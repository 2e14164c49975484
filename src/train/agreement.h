// What must be equal before step 0: between ranks, and between a run and the checkpoint it goes on
// from.
#pragma once

#include "train/checkpoint.h"
#include "train/run_config.h"

namespace espalier::train {

// Collective, and the first that options are used for: they decide which other collectives there
// are. kUsage, naming the first option that differs, its values and the ranks.
void require_equal_options(comm::Communicator& control, const RunConfig& config);

// Collective. kUsage, naming what differs and on which rank: build, data, instruction set, weights.
void require_equal_ranks(comm::Communicator& control, const std::string& data_hash,
                         const std::vector<engine::NamedTensor>& weights);

// The instruction set of the newest checkpoint in `folder`; empty where there is none that can be
// read. Calls nothing of LibTorch.
std::string saved_instruction_set(const engine::RunFolder& folder);

// kUsage, naming the first difference, when an identity option, the data, or, in exact mode, what
// decides bits is not what the checkpoint was written under. In fast mode the last is a warning.
void require_same_run(const LoadedCheckpoint& checkpoint, const RunConfig& config,
                      const RunState& now);

}  // namespace espalier::train
