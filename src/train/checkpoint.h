// Checkpoints: folders checkpoints/step-00000100 that appear whole or not at all
// (docs/checkpoint_format.md).
//
// A folder is written under a temporary name, every file synced, a MANIFEST of SHA-256 sums last,
// then renamed; LATEST is rewritten by rename. Loading verifies the MANIFEST and falls back to the
// next older whole checkpoint, saying so, where damage is proven: a file is missing or has other
// bytes. A file that cannot be read, or a format that is not known, is an error and falls back to
// nothing. Tensor files hold no time, host, rank count or commit: equal states are equal files.
#pragma once

#include <filesystem>
#include <optional>

#include "engine/network.h"
#include "engine/run_folder.h"
#include "optim/loss_scale.h"
#include "optim/optimizer.h"

namespace espalier::train {

// What a checkpoint says beside tensors.
struct RunState {
  // What the network was built for.
  engine::DataFacts facts() const {
    return {input, views, static_cast<int64_t>(classes.size()), samples, ids};
  }

  int64_t step = 0;       // completed steps
  uint64_t position = 0;  // of the next sample in the stream
  int64_t lanes = 0, lane_threads = 0;
  int64_t nonfinite_in_a_row = 0;                        // steps before this one that were skipped
  std::optional<optim::LossScale> loss_scale = {};       // in fp16
  std::string instruction_set, memory_format, libtorch;  // with lane_threads: what decides bits
  std::string data_hash, config_hash;
  image::ViewShape input;  // of the network
  std::vector<image::ViewShape> views;
  int64_t samples = 0;               // that train
  int64_t ids = 0;                   // of samples are below this
  std::vector<std::string> classes;  // of the training set, in the order of its numbers
};

struct LoadedCheckpoint {
  RunState state;
  tensor::TensorMap model, task, optim;
  std::string config;  // the resolved YAML it was written under
  std::string name;
};

// Writes the checkpoint of `state.step` and removes the oldest beyond `keep`; those of later steps
// (the run was taken up before them) stay until their step is reached again. kIo when the disk
// refuses; then the others stand untouched and nothing half written is left.
void save_checkpoint(const engine::RunFolder& folder, const RunState& state,
                     const engine::Network& network, const optim::Optimizer& optimizer,
                     const std::string& config, int64_t keep);

// The newest whole checkpoint, or nothing when there is none; each damaged one passed over is a
// warning, where `report`. kData when there are some and none is whole; kIo when one cannot be
// read; kUsage when its format is not known.
std::optional<LoadedCheckpoint> load_checkpoint(const engine::RunFolder& folder,
                                                bool report = true);

// The one of `step`, or nothing when there is none. kData when it is damaged.
std::optional<LoadedCheckpoint> load_checkpoint_of(const engine::RunFolder& folder, int64_t step);

// Steps of the checkpoints that are there, newest first.
std::vector<int64_t> checkpoint_steps(const engine::RunFolder& folder);

}  // namespace espalier::train
