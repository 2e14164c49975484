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
#include "engine/network.h"
#include "model/model_options.h"
#include "optim/optim_options.h"
#include "sync/parallel_options.h"
#include "train/hook.h"

namespace espalier::train {

struct TrainOptions {
  double epochs = 1;
  int64_t steps = 0;
  std::string device = "auto", precision = "f32";
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

  // The shape of the views that networks take, the same for all views; kUsage where the pipelines
  // do not give one.
  image::ViewShape view_shape(const data::Dataset& dataset) const;

  // Which samples train and which data.holdout keeps back; without it both lists are empty, and all
  // samples train.
  data::Holdout parts(const data::Dataset& dataset) const;

  // The same with augment.mean and augment.std, as if they stood in the file.
  RunConfig with_normalisation(const std::vector<double>& mean,
                               const std::vector<double>& std) const;

  // Length of the run over a set of `samples`.
  int64_t steps(int64_t samples) const;

  // A network with undefined weights; `make_network` of equal configurations give equal modules.
  engine::Network make_network(const image::ViewShape& input, int64_t classes) const;
};

// Classes of a data set: its names, else one more than the largest label; 0 without labels.
int64_t class_count(const data::Dataset& dataset);

}  // namespace espalier::train
