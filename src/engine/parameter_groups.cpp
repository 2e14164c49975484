#include "engine/parameter_groups.h"

#include <cmath>
#include <map>
#include <tuple>

namespace espalier::engine {

double KeptStages::rate_factor(int64_t stage, const std::string& name, double layer_decay) const {
  if (stage >= count) return 1;
  const double decay = std::pow(layer_decay, static_cast<double>(count - stage));
  return !slower || slower->contains(name) ? decay * lr_factor : decay;
}

std::vector<optim::Group> parameter_groups(const std::vector<NamedTensor>& parameters,
                                           const std::vector<at::Tensor>& gradients,
                                           const model::Backbone& backbone, const KeptStages& kept,
                                           const optim::OptimOptions& options) {
  struct Named {
    std::vector<std::string> names;
    std::vector<at::Tensor> weights, gradients;
  };
  const std::string prefix = "backbone.";
  // By factor, whether they are hidden, and whether their rate is constant.
  std::map<std::tuple<double, bool, bool>, Named> alike;
  for (size_t i = 0; i < parameters.size(); ++i) {
    const auto& [name, tensor] = parameters[i];
    double factor = 1;
    bool hidden = false;
    if (name.starts_with(prefix)) {
      const int64_t stage = model::stage_of(backbone, name.substr(prefix.size()));
      factor = kept.rate_factor(stage, name, options.layer_decay);
      hidden = stage > 0;
    }
    Named& into = alike[{factor, hidden, kept.constant.contains(name)}];
    into.names.push_back(name);
    into.weights.push_back(tensor);
    into.gradients.push_back(gradients[i]);
  }
  std::vector<optim::Group> groups;
  for (const auto& [key, named] : alike)
    for (optim::Group& group :
         optim::decay_groups(named.names, named.weights, named.gradients, std::get<0>(key),
                             options.decay_vectors, std::get<1>(key))) {
      group.constant = std::get<2>(key);
      groups.push_back(std::move(group));
    }
  return groups;
}

}  // namespace espalier::engine
