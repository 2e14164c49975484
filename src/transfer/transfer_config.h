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
  Fields fields();
};

// What happens to the stages that a cell keeps.
enum class Mode { kFrozen, kTuned };
constexpr auto names_of(Mode) {
  using enum Mode;
  return names<Mode>({{kFrozen, "frozen"}, {kTuned, "tuned"}});
}

struct SweepOptions {
  std::vector<int64_t> cuts;
  std::vector<Mode> modes = {Mode::kFrozen, Mode::kTuned};
  std::vector<int64_t> labels_per_class = {10, 50};
  int64_t seeds = 5, steps = 200, batch = 32;
  double kept_lr_factor = 0.1;
  int64_t workers = 0;
  Fields fields();
};

struct TransferConfig {
  int64_t seed = 0;
  DataOptions data;
  augment::AugmentOptions augment;  // mean, std and evaluate are the backbone's unless set
  SweepOptions sweep;               // cuts complete, lists without repetitions, all labels last
  optim::OptimOptions optim;
  config::Document document;

  // kUsage for anything wrong in the file or the overrides, or that does not fit the backbone.
  static TransferConfig read(config::Document document, const engine::BackboneFile& backbone);
};

}  // namespace espalier::transfer
