// An optimizer: what one step does to the weights, given the gradient of the mean loss.
//
//   auto optimizer = Registry<optim::Optimizer>::create("sgd");
//   optimizer->start(groups);
//   optimizer->step(learning_rate);
//
// Local and elementwise: with equal gradients every rank makes the same step, bit for bit. State is
// keyed by parameter name, so that it survives another build order. Plug-in kind "optimizer", one
// file each.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <set>
#include <string>
#include <vector>

#include "core/registry.h"

namespace espalier::optim {

// Parameters that share their rates. The tensors are the live weights and gradients; a weight and
// its gradient have the same strides.
struct Group {
  std::vector<std::string> names;
  std::vector<at::Tensor> weights;
  std::vector<at::Tensor> gradients;
  double lr_factor = 1;
  bool decay = true;  // whether weight decay applies
};

class Optimizer : public Plugin {
 public:
  static constexpr const char* kKind = "optimizer";

  // Called once, after the options are read.
  void start(std::vector<Group> groups);

  // `lr` is the scheduled rate; a group's own is lr * lr_factor. Steps of the run that were skipped
  // are none of the optimizer's: what counts updates keeps the count in its state. Parameters named
  // in `resting` stay as they are, with their state: no decay, no momentum.
  void step(double lr, const std::set<std::string>& resting = {});

  // "<state>.<parameter>" -> tensor; restore() wants exactly these names and shapes (kData
  // otherwise).
  std::map<std::string, at::Tensor> state() const;
  void restore(const std::map<std::string, at::Tensor>& saved);

 protected:
  // Names of the per-parameter state tensors: {"momentum"}.
  virtual std::vector<std::string> state_names() const = 0;

  // What a state tensor is before the first step: zeros of the weight's shape.
  virtual at::Tensor initial_state(const std::string& name, const at::Tensor& weight) const;

  // One step of one group. `state[k]` are the group's tensors of the k-th state name.
  virtual void update(Group& group, std::vector<std::vector<at::Tensor>>& state, double lr) = 0;

 private:
  void step_some(const Group& group, const std::vector<std::vector<at::Tensor>>& state, double lr,
                 const std::set<std::string>& resting);

  std::vector<Group> groups_;
  std::vector<std::vector<std::vector<at::Tensor>>> state_;  // [group][state name][parameter]
};

// Splits named weights into at most two groups: those that decay, and vectors (biases,
// normalisation), which do not unless `decay_vectors`.
std::vector<Group> decay_groups(const std::vector<std::string>& names,
                                const std::vector<at::Tensor>& weights,
                                const std::vector<at::Tensor>& gradients, double lr_factor,
                                bool decay_vectors);

}  // namespace espalier::optim
