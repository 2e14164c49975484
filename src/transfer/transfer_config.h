// A sweep is one struct of options. Sections: (top) seed, data, augment, transfer, optim. The model
// is the backbone's.
#pragma once

#include <string>
#include <vector>

#include "augment/augment_options.h"
#include "engine/backbone_file.h"
#include "optim/optim_options.h"

namespace espalier::transfer {

struct DataOptions {
  std::string train, test;
  int64_t threads = 1;
  bool leaks = true, leaks_by_features = false;
  Fields fields();
};

struct SweepOptions {
  std::vector<int64_t> cuts;
  std::vector<std::string> modes = {"frozen", "tuned", "random_frozen", "random_tuned", "mean_var"};
  std::vector<std::string> heads = {"suffix"};
  std::vector<std::string> sources;
  std::vector<int64_t> labels_per_class = {10, 50}, labels_total;
  std::vector<double> labels_percent;
  std::vector<double> kept_lr_factor = {1, 0.1};
  int64_t seeds = 9, most_seeds = 30;
  double until_half_width = 0;  // points
  std::vector<double> lr;
  std::vector<int64_t> steps = {200};
  int64_t folds = 5, tuning_seeds = 1, batch = 32;
  int64_t workers = 0, cache_bytes = -1;
  Fields fields();
  // Of each backbone, at most.
  int64_t planned_seeds() const { return until_half_width > 0 ? most_seeds : seeds; }
};

struct TransferConfig {
  int64_t seed = 0;
  DataOptions data;
  augment::AugmentOptions augment;  // mean, std and evaluate are the backbone's unless set
  // Cuts, lr and cache_bytes complete, lists without repetitions, all labels last.
  SweepOptions sweep;
  optim::OptimOptions optim;
  config::Document document;

  // kUsage for anything wrong in the file or the overrides, or that does not fit the backbone.
  // `ranks` compute the sweep together, perhaps all on one machine.
  static TransferConfig read(config::Document document, const engine::BackboneFile& backbone,
                             int64_t ranks = 1);
};

}  // namespace espalier::transfer
