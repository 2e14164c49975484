// A rank that trains a toy step by step as the loop does, and the state that it comes to.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "engine/engine_support.h"
#include "engine/training_loop.h"
#include "optim/optimizer.h"

namespace espalier::engine {

struct State {
  tensor::TensorMap model, task, optim;

  std::string bits() const {
    return tensor::to_safetensors(model) + tensor::to_safetensors(task) +
           tensor::to_safetensors(optim);
  }
  double distance_to(const State& other) const {
    return std::max({largest_difference(model, other.model), largest_difference(task, other.task),
                     largest_difference(optim, other.optim)});
  }
};

inline tensor::TensorMap copy_of(const tensor::TensorMap& tensors) {
  tensor::TensorMap copies;
  for (const auto& [name, tensor] : tensors) copies[name] = tensor.clone();
  return copies;
}

struct Training {
  int64_t lanes = 4, batch = 16, steps = 5;
  EngineOptions engine = {};  // its precision is the toy's
  // Around every task.
  std::function<std::shared_ptr<pretext::Task>(std::shared_ptr<pretext::Task>)> dress = {};
};

class Rank {
 public:
  Rank(const Toy& toy, comm::Communicator& control, comm::Communicator& data,
       const Training& training)
      : training_(training),
        plan_(training.lanes, control.size(), control.rank()),
        network_(toy.make_network(training.dress)),
        optimizer_(Registry<optim::Optimizer>::create("sgd")) {
    network_.initialise(tensor::InitScheme::kHeNormal, 1);
    network_.to(tensor::weight_type(toy.precision), c10::kCPU);
    network_.train(true);
    EngineOptions options = training.engine;
    options.precision = toy.precision;
    engine_ = std::make_unique<LaneEngine>(
        network_, [&] { return toy.make_network(training.dress); }, plan_, control, data, options);
    std::vector<std::string> names;
    std::vector<at::Tensor> weights;
    for (const NamedTensor& parameter : engine_->parameters()) {
      names.push_back(parameter.name);
      weights.push_back(parameter.tensor);
    }
    optimizer_->start(optim::decay_groups(names, weights, engine_->gradients(), 1, false));
  }

  // Sends the batch of the next step ahead, as the loop does.
  void step(int64_t number) {
    const pretext::Step step{number, training_.steps, /*seed=*/3};
    const StepSums sums = engine_->step(batch_of(number), step, {.meanwhile = [&] {
                                          if (number + 1 == training_.steps) return;
                                          engine_->stage(batch_of(number + 1));
                                        }});
    check(sums.finite && std::isfinite(sums.loss), Kind::kBug, "a loss that is not finite");
    engine_->adopt_statistics();
    optimizer_->step(0.05, resting(*engine_, step));
    engine_->after_step(step);
  }

  State state() const {
    return {copy_of(state_of(*network_.backbone)), copy_of(state_of(*network_.task)),
            copy_of(optimizer_->state())};
  }
  void load(const State& state) {
    load_state(*network_.backbone, state.model, "a checkpoint");
    load_state(*network_.task, state.task, "a checkpoint");
    optimizer_->restore(state.optim);
  }
  const LaneEngine& engine() const { return *engine_; }

 private:
  // Of the step after `number` completed ones.
  image::Batch batch_of(int64_t number) const {
    const int64_t share = training_.batch / training_.lanes, first = number * training_.batch;
    return toy_batch(network_.task->view_count(), first + plan_.first() * share,
                     first + plan_.last() * share);
  }

  const Training training_;
  sync::LanePlan plan_;
  Network network_;
  std::shared_ptr<optim::Optimizer> optimizer_;
  std::unique_ptr<LaneEngine> engine_;
};

}  // namespace espalier::engine
