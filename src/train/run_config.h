// A run is one struct of options, read from a YAML file and `key=value` overrides. Sections: (top)
// seed, data, augment, model, task, optim, train, parallel, and one for each hook that train.hooks
// names.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "config/document.h"
#include "data/dataset.h"
#include "data/loader.h"
#include "data/read_mode.h"
#include "data/selection.h"
#include "optim/optimizer.h"
#include "optim/schedule.h"
#include "tensor/precision.h"
#include "train/augment_options.h"
#include "train/hook.h"
#include "train/network.h"

namespace espalier::train {

struct DataOptions {
  std::string shards, validation;
  double holdout = 0;
  int64_t batch = 256;
  std::string threads = "auto";
  int64_t depth = 2;
  data::ReadOptions reading;
  Fields fields();

  // What hooks measure on, for messages; empty = there is no such set.
  std::string validation_name() const;
};

struct OptimOptions {
  std::string name = "sgd", schedule = "cosine";
  double lr = 0.1;
  bool decay_vectors = false;
  Fields fields();
};

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

struct ParallelOptions {
  std::string lanes = "auto";
  int64_t lane_threads = 1;
  std::string mode = "exact", communicator = "auto";
  Fields fields();
};

struct RunConfig {
  int64_t seed = 0;
  DataOptions data;
  AugmentOptions augment;
  ModelOptions model;
  std::string task = "rotation";
  OptimOptions optim;
  TrainOptions train;
  ParallelOptions parallel;
  config::Document document;  // what all of the above was read from

  // Made once; the optimizer and the schedule with their options read.
  std::shared_ptr<optim::Optimizer> optimizer;
  std::shared_ptr<optim::Schedule> schedule;
  std::vector<std::pair<std::string, std::shared_ptr<Hook>>> hooks;

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
  Network make_network(const image::ViewShape& input, int64_t classes) const;
};

// Classes of a data set: its names, else one more than the largest label; 0 without labels.
int64_t class_count(const data::Dataset& dataset);

}  // namespace espalier::train
