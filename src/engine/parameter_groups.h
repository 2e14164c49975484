// The parameters of a network in groups that share their rates.
#pragma once

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/network.h"
#include "optim/optim_options.h"

namespace espalier::engine {

// Stages of a backbone that hold what they learned before, or, in pretraining, all of them, and
// parameters with rates of their own.
struct KeptStages {
  int64_t count = 0;
  double lr_factor = 1;
  // The parameters that lr_factor is for, where it is not for all of these stages.
  std::optional<std::set<std::string>> slower = {};
  // Parameters whose rate does not follow the schedule.
  std::set<std::string> constant = {};

  // What the rate of parameter `name` of `stage` is multiplied with.
  double rate_factor(int64_t stage, const std::string& name, double layer_decay) const;
};

// A parameter of kept stage s has the rate lr_factor * layer_decay^(count - s), all others, the
// task's among them, have factor 1 (BEiT, Bao et al. 2022, appendix; there the layers are
// transformer blocks, here stages). "Hidden" are matrices of the backbone but for its first stage.
std::vector<optim::Group> parameter_groups(const std::vector<NamedTensor>& parameters,
                                           const std::vector<at::Tensor>& gradients,
                                           const model::Backbone& backbone, const KeptStages& kept,
                                           const optim::OptimOptions& options);

}  // namespace espalier::engine
