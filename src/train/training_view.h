// What a hook may see of a run.
#pragma once

#include "data/dataset.h"
#include "engine/run_folder.h"
#include "train/run_config.h"
#include "train/run_history.h"

namespace espalier::train {

struct TrainingView {
  const RunConfig& config;
  engine::Network& network;
  image::ViewShape input;           // what the network takes
  const data::Dataset& dataset;     // data.shards ...
  const data::Selection& training;  // ... and its samples that train; empty = all
  // The set that hooks measure on, null where there is none: data.validation, or data.shards, of
  // which `validating` are the samples that data.holdout keeps back.
  const data::Dataset* validation;
  const data::Selection& validating;
  comm::Communicator& control;
  c10::Device device;
  const engine::RunFolder& folder;  // rank 0 may write into it
  int64_t step;                     // completed ones
  RunHistory& history;
};

}  // namespace espalier::train
