// A run is one struct of plain options, read from a YAML file and `key=value` overrides. Sections:
// (top) seed, data, augment, model, task, optim, train, parallel, and one for each hook that
// train.hooks names.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "augment/augment_options.h"
#include "config/document.h"
#include "data/data_options.h"
#include "data/dataset.h"
#include "data/selection.h"
#include "engine/device.h"
#include "engine/network.h"
#include "model/model_options.h"
#include "optim/optim_options.h"
#include "sync/parallel_options.h"
#include "tensor/precision.h"
#include "train/hook.h"

namespace espalier::train {

struct TrainOptions {
  double epochs = 1;
  int64_t steps = 0;
  engine::DeviceChoice device = engine::DeviceChoice::kAuto;
  tensor::Precision precision = tensor::Precision::kF32;
  int64_t checkpoint_steps = 0, keep_checkpoints = 2, log_steps = 20;
  double checkpoint_minutes = 10;
  int64_t nonfinite_limit = 5;
  double deadline_seconds = 300;
  std::vector<std::string> hooks;
  Fields fields();
};

struct RunConfig {
  int64_t seed = 0;
  data::DataOptions data;
  augment::AugmentOptions augment;
  model::ModelOptions model;
  std::string task = "rotation";
  optim::OptimOptions optim;
  TrainOptions train;
  sync::ParallelOptions parallel;
  config::Document document;  // what all of the above was read from

  // kUsage for anything wrong in the file or the overrides.
  static RunConfig read(config::Document document);

  // How many views the task takes, with the options that it is given.
  int64_t view_count() const;

  // What a network of this run is built for, with the samples of `dataset` that train. Views may
  // differ in size, the first is like the images that are measured on; kUsage where the pipelines
  // give none, or others.
  engine::DataFacts data_facts(const data::Dataset& dataset) const;

  // Which samples train and which data.holdout keeps back; without it both lists are empty, and all
  // samples train.
  data::Holdout parts(const data::Dataset& dataset) const;

  // The same with augment.mean and augment.std, as if they stood in the file.
  RunConfig with_normalisation(const std::vector<double>& mean,
                               const std::vector<double>& std) const;

  // Length of the run over a set of `samples`.
  int64_t steps(int64_t samples) const;

  // A network with undefined weights; `make_network` of equal configurations give equal modules.
  engine::Network make_network(const engine::DataFacts& facts) const;
};

}  // namespace espalier::train
