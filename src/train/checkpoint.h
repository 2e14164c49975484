// Checkpoints: folders checkpoints/step-00000100 that appear whole or not at all
// (docs/checkpoint_format.md).
//
// A folder is written under a temporary name, every file synced, a MANIFEST of SHA-256 sums last,
// then renamed; LATEST is rewritten by rename. Loading verifies the MANIFEST and falls back to the
// next older whole checkpoint, saying so. Tensor files hold no time, host, rank count or commit:
// equal states are equal files.
#pragma once

#include <filesystem>
#include <optional>

#include "optim/optimizer.h"
#include "train/network.h"
#include "train/run_folder.h"

namespace espalier::train {

// What a checkpoint says beside tensors.
struct RunState {
  int64_t step = 0;       // completed steps
  uint64_t position = 0;  // of the next sample in the stream
  int64_t lanes = 0, lane_threads = 0;
  std::string instruction_set, memory_format, libtorch;  // with lane_threads: what decides bits
  std::string data_hash, config_hash;
  image::ViewShape input;            // of the network
  std::vector<std::string> classes;  // of the training set, in the order of its numbers
};

struct LoadedCheckpoint {
  RunState state;
  tensor::TensorMap model, task, optim;
  std::string config;  // the resolved YAML it was written under
  std::string name;
};

// Writes the checkpoint of `state.step` and removes the oldest beyond `keep`, and any of a later
// step (the run was taken up before it, because it is damaged). kIo when the disk refuses; then the
// older ones stand untouched.
void save_checkpoint(const RunFolder& folder, const RunState& state, const Network& network,
                     const optim::Optimizer& optimizer, const std::string& config, int64_t keep);

// The newest whole checkpoint, or nothing when there is none; each one passed over is a warning,
// where `report`. kData when there are some and none is whole.
std::optional<LoadedCheckpoint> load_checkpoint(const RunFolder& folder, bool report = true);

}  // namespace espalier::train
