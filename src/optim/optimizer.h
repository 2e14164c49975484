// An optimizer: what one step does to the weights, given the gradient of the mean loss.
//
//   auto optimizer = Registry<optim::Optimizer>::create("sgd");
//   optimizer->start(groups);
//   optimizer->step(learning_rate);
//
// Local, and tensor by tensor: with equal gradients every rank makes the same step, bit for bit.
// State is keyed by parameter name, so that it survives another build order. Plug-in kind
// "optimizer", one file each.
#pragma once

#include <ATen/core/Tensor.h>

#include <map>
#include <optional>
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
  bool constant = false;  // whether the rate stays at the highest of the run
  bool decay = true;      // whether weight decay applies; without it nothing is adapted to norms
  bool hidden = false;    // matrices and filters between the first stage and the task's heads
};

// Rates of one step.
struct Rates {
  double lr = 0;
  std::optional<double> highest_lr = {};    // of the run; nothing = lr
  std::optional<double> weight_decay = {};  // nothing = the option's
};

class Optimizer : public Plugin {
 public:
  static constexpr const char* kKind = "optimizer";

  // Called once, after the options are read.
  void start(std::vector<Group> groups);

  // The option weight_decay; 0 where there is none.
  virtual double weight_decay() const { return 0; }

  // A group's own rate is lr * lr_factor, or highest_lr * lr_factor where it is constant. Steps of the run that were skipped are none of the
  // optimizer's: what counts updates keeps the count in its state. Parameters named in `resting`
  // stay as they are, with their state: no decay, no momentum.
  void step(const Rates& rates, const std::set<std::string>& resting = {});
  void step(double lr, const std::set<std::string>& resting = {}) { step(Rates{lr}, resting); }

  // "<state>.<parameter>" -> tensor; restore() wants exactly these names and shapes (kData
  // otherwise).
  std::map<std::string, at::Tensor> state() const;
  void restore(const std::map<std::string, at::Tensor>& saved);

 protected:
  using State = std::vector<std::vector<at::Tensor>>;  // [state name][parameter]

  // Names of the state tensors that each parameter of the group has: {"momentum"}.
  virtual std::vector<std::string> state_names(const Group& group) const = 0;

  // What a state tensor is before the first step: zeros of the weight's shape.
  virtual at::Tensor initial_state(const std::string& name, const at::Tensor& weight) const;

  // One step of one group. `state[k]` are the group's tensors of the k-th state name; the rates are
  // the group's, and its weight decay is 0 where it does not decay.
  virtual void update(Group& group, State& state, double lr, double weight_decay) = 0;

 private:
  void step_some(const Group& group, const State& state, double lr, double weight_decay,
                 const std::set<std::string>& resting);

  std::vector<Group> groups_;
  std::vector<State> state_;  // of each group
};

// Splits named weights into two groups, of which either may be empty: those with two or more
// dimensions, and vectors (biases, normalisation, tokens and positions [1, T, D], as timm has it),
// which do not decay unless `decay_vectors`.
// `hidden` is said of the first.
std::vector<Group> decay_groups(const std::vector<std::string>& names,
                                const std::vector<at::Tensor>& weights,
                                const std::vector<at::Tensor>& gradients, double lr_factor,
                                bool decay_vectors, bool hidden = true);

}  // namespace espalier::optim
