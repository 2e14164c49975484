// What a hook may see of a run.
#pragma once

#include "data/dataset.h"
#include "train/run_config.h"

namespace espalier::train {

struct TrainingView {
  const RunConfig& config;
  Network& network;
  const data::Dataset& dataset;
  const data::Dataset* validation;  // null when data.validation is empty
  comm::Communicator& control;
  c10::Device device;
};

}  // namespace espalier::train
