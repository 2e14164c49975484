// What is found out about a network before step 0, so that a run does not end hours later, or by
// the system's hand.
#pragma once

#include "train/run_config.h"

namespace espalier::train {

// While one lives, a tensor of this thread that is larger than the memory that is free is kIo with
// both sizes, before memory is touched. The system would promise the memory and kill the process
// that uses it.
class MemoryGuard {
 public:
  MemoryGuard();
  ~MemoryGuard();
  MemoryGuard(const MemoryGuard&) = delete;
};

// Runs `work`, which makes or runs a network of this configuration on views of shape `input`. What
// LibTorch refuses there is kUsage; memory that is not there is kIo. Both name the options of model
// and task.
void with_options_named(const RunConfig& config, const image::ViewShape& input,
                        const std::function<void()>& work);

struct Share {
  int64_t gradient_buffers = 1;  // of this rank
  int64_t lane_batch = 1;        // samples in a lane
  int64_t ranks = 1;             // of this node, which share its memory
};

// Takes two blank samples through a built network of the CPU, from the views to the loss. kIo, with
// sizes, where the free memory cannot hold what training takes at least: the optimizer's state, the
// gradients of each lane, and what one lane's forward pass makes.
void try_out(const RunConfig& config, engine::Network& network, const engine::DataFacts& facts,
             const Share& share);

}  // namespace espalier::train
