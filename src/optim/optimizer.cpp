#include "optim/optimizer.h"

#include <ATen/ATen.h>

namespace espalier::optim {

void Optimizer::start(std::vector<Group> groups) {
  groups_ = std::move(groups);
  for (const Group& group : groups_) {
    // LibTorch's fused updates walk memory and never look at strides.
    for (size_t p = 0; p < group.weights.size(); ++p)
      check(group.weights[p].strides() == group.gradients[p].strides() &&
                group.weights[p].is_non_overlapping_and_dense(),
            Kind::kBug, "parameter {} and its gradient differ in memory layout", group.names[p]);
    state_.emplace_back();
    for (const std::string& name : state_names(group)) {
      state_.back().emplace_back();
      for (const at::Tensor& weight : group.weights)
        state_.back().back().push_back(initial_state(name, weight));
    }
  }
}

at::Tensor Optimizer::initial_state(const std::string&, const at::Tensor& weight) const {
  return at::zeros_like(weight);
}

void Optimizer::step(const Rates& rates, const std::set<std::string>& resting) {
  for (size_t g = 0; g < groups_.size(); ++g) {
    Group& group = groups_[g];
    if (group.weights.empty()) continue;
    const double whole = group.constant ? rates.highest_lr.value_or(rates.lr) : rates.lr;
    const double lr = whole * group.lr_factor;
    const double decay = group.decay ? rates.weight_decay.value_or(weight_decay()) : 0;
    if (resting.empty())
      update(group, state_[g], lr, decay);
    else
      step_some(group, state_[g], lr, decay, resting);
  }
}

void Optimizer::step_some(const Group& group, const State& state, double lr, double weight_decay,
                          const std::set<std::string>& resting) {
  Group moving{.lr_factor = group.lr_factor, .decay = group.decay, .hidden = group.hidden};
  State moving_state(state.size());
  for (size_t p = 0; p < group.names.size(); ++p) {
    if (resting.contains(group.names[p])) continue;
    moving.names.push_back(group.names[p]);
    moving.weights.push_back(group.weights[p]);
    moving.gradients.push_back(group.gradients[p]);
    for (size_t k = 0; k < state.size(); ++k) moving_state[k].push_back(state[k][p]);
  }
  if (!moving.weights.empty()) update(moving, moving_state, lr, weight_decay);
}

std::map<std::string, at::Tensor> Optimizer::state() const {
  std::map<std::string, at::Tensor> state;
  for (size_t g = 0; g < groups_.size(); ++g) {
    const std::vector<std::string> kinds = state_names(groups_[g]);
    for (size_t k = 0; k < kinds.size(); ++k)
      for (size_t p = 0; p < groups_[g].names.size(); ++p)
        state[kinds[k] + "." + groups_[g].names[p]] = state_[g][k][p];
  }
  return state;
}

void Optimizer::restore(const std::map<std::string, at::Tensor>& saved) {
  const auto current = state();
  check(saved.size() == current.size(), Kind::kData,
        "the optimizer has {} state tensors, the file {}", current.size(), saved.size());
  for (const auto& [name, tensor] : current) {
    const auto found = saved.find(name);
    check(found != saved.end() && found->second.sizes() == tensor.sizes(), Kind::kData,
          "optimizer state {} is missing or has another shape", name);
    tensor.copy_(found->second);
  }
}

namespace {

// Matrices and filters; tokens and positions [1, T, D] are none.
bool is_matrix(const at::Tensor& weight) {
  return weight.dim() >= 2 && !(weight.dim() == 3 && weight.size(0) == 1);
}

}  // namespace

std::vector<Group> decay_groups(const std::vector<std::string>& names,
                                const std::vector<at::Tensor>& weights,
                                const std::vector<at::Tensor>& gradients, double lr_factor,
                                bool decay_vectors, bool hidden) {
  std::vector<Group> groups(2);
  groups[0].lr_factor = groups[1].lr_factor = lr_factor;
  groups[0].hidden = hidden;
  groups[1].decay = decay_vectors;
  for (size_t i = 0; i < names.size(); ++i) {
    Group& group = groups[is_matrix(weights[i]) ? 0 : 1];
    group.names.push_back(names[i]);
    group.weights.push_back(weights[i].detach());
    group.gradients.push_back(gradients[i]);
  }
  return groups;
}

}  // namespace espalier::optim
