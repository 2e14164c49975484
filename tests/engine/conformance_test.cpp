// What every registered task holds on any number of ranks and workers, through five whole steps:
// gradient, optimizer, what the task does after a step. Lanes are delayed at random, so that
// workers meet them in every order. Tasks that are built into this program by others (the examples
// of docs/adding.md) are asked the same.
#include <gmock/gmock.h>

#include <chrono>
#include <random>
#include <thread>

#include "engine/engine_support.h"
#include "engine/training_loop.h"
#include "optim/optimizer.h"

namespace espalier::engine {
namespace {

constexpr int64_t kLanes = 4, kBatch = 16, kSteps = 5;

void wait_a_while() {
  thread_local std::mt19937 generator{std::random_device{}()};
  std::this_thread::sleep_for(std::chrono::microseconds(generator() % 500));
}

// A task that waits for a random while before it answers.
class Delayed : public pretext::Task {
 public:
  explicit Delayed(std::shared_ptr<pretext::Task> inner) : inner_(std::move(inner)) {
    register_module("inner", inner_);
  }
  Fields fields() override { return inner_->fields(); }
  int64_t view_count() const override { return inner_->view_count(); }
  bool needs_labels() const override { return inner_->needs_labels(); }
  bool compares() const override { return inner_->compares(); }
  void build(const pretext::Site& site) override { inner_->build(site); }
  void weights_drawn(model::Backbone& backbone) override { inner_->weights_drawn(backbone); }
  pretext::LaneOutput run(model::Backbone& backbone, const pretext::LaneInput& input) override {
    wait_a_while();
    return inner_->run(backbone, input);
  }
  pretext::Compared compare(const pretext::Gathered& batch, const pretext::Part& part) override {
    wait_a_while();
    return inner_->compare(batch, part);
  }
  bool trains(const std::string& name, const pretext::Step& step) const override {
    return inner_->trains(name.substr(std::string("inner.").size()), step);
  }
  pretext::Scalars after_step(model::Backbone& backbone, const pretext::Step& step,
                              const pretext::Gathered& batch) override {
    return inner_->after_step(backbone, step, batch);
  }

 private:
  std::shared_ptr<pretext::Task> inner_;
};

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

tensor::TensorMap copy(const tensor::TensorMap& tensors) {
  tensor::TensorMap copies;
  for (const auto& [name, tensor] : tensors) copies[name] = tensor.clone();
  return copies;
}

struct Run {
  int ranks = 1;
  int64_t workers = 1;
  bool exact = true;
  std::string precision = "f32";
  bool reload = false;  // into a new network in the middle
};

// A rank's network with what moves it.
class Rank {
 public:
  Rank(const Toy& toy, comm::Communicator& control, const Run& run)
      : toy_(toy),
        data_(control.duplicate()),
        plan_(kLanes, run.ranks, control.rank()),
        network_(make()),
        optimizer_(Registry<optim::Optimizer>::create("sgd")) {
    network_.initialise(tensor::InitScheme::kHeNormal, 1);
    network_.to(tensor::weight_type(toy.precision), c10::kCPU);
    network_.train(true);
    engine_ = std::make_unique<LaneEngine>(
        network_, [this] { return make(); }, plan_, control, *data_,
        EngineOptions{.workers = run.workers, .exact = run.exact, .precision = toy.precision});
    std::vector<std::string> names;
    std::vector<at::Tensor> weights;
    for (const NamedTensor& parameter : engine_->parameters()) {
      names.push_back(parameter.name);
      weights.push_back(parameter.tensor);
    }
    optimizer_->start(optim::decay_groups(names, weights, engine_->gradients(), 1, false));
  }

  void step(int64_t number) {
    const pretext::Step step{number, kSteps, /*seed=*/3};
    const int64_t share = kBatch / kLanes;
    const StepSums sums = engine_->step(
        toy_batch(network_.task->view_count(), plan_.first() * share, plan_.last() * share), step);
    EXPECT_TRUE(sums.finite && std::isfinite(sums.loss));
    engine_->adopt_statistics();
    optimizer_->step(0.05, resting(*engine_, step));
    engine_->after_step(step);
  }

  State state() const {
    return {copy(state_of(*network_.backbone)), copy(state_of(*network_.task)),
            copy(optimizer_->state())};
  }
  void load(const State& state) {
    load_state(*network_.backbone, state.model, "a checkpoint");
    load_state(*network_.task, state.task, "a checkpoint");
    optimizer_->restore(state.optim);
  }
  const LaneEngine& engine() const { return *engine_; }

 private:
  Network make() const {
    return toy_.make_network([](auto task) { return std::make_shared<Delayed>(task); });
  }

  const Toy& toy_;
  std::unique_ptr<comm::Communicator> data_;
  sync::LanePlan plan_;
  Network network_;
  std::shared_ptr<optim::Optimizer> optimizer_;
  std::unique_ptr<LaneEngine> engine_;
};

// The state after five steps, which is that of every rank.
State train(const std::string& task, const Run& run) {
  const Toy toy(task, "batch", run.precision);
  std::vector<State> states(static_cast<size_t>(run.ranks));
  comm::run_ranks(run.ranks, [&](comm::Communicator& control) {
    auto rank = std::make_unique<Rank>(toy, control, run);
    for (int64_t step = 0; step < kSteps; ++step) {
      if (run.reload && step == 2) {
        const State saved = rank->state();
        rank = std::make_unique<Rank>(toy, control, run);
        rank->load(saved);
      }
      rank->step(step);
    }
    states[static_cast<size_t>(control.rank())] = rank->state();
  });
  for (const State& state : states) EXPECT_TRUE(state.bits() == states[0].bits());
  return states[0];
}

class Conformance : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Registry, Conformance, testing::ValuesIn(Registry<pretext::Task>::names()),
                         [](const auto& test) { return test.param; });

TEST_P(Conformance, HasTheSameBitsOnAnyRanksAndWorkers) {
  const std::string expected = train(GetParam(), {}).bits();
  for (const int ranks : {1, 2, 3, 4})
    for (const int64_t workers : {1, 2, 4})
      EXPECT_TRUE(train(GetParam(), {.ranks = ranks, .workers = workers}).bits() == expected)
          << ranks << " ranks, " << workers << " workers";
}

TEST_P(Conformance, FastModeAgreesToRounding) {
  const State expected = train(GetParam(), {.precision = "f64"});
  for (const int ranks : {1, 2, 3, 4})
    EXPECT_LT(train(GetParam(), {.ranks = ranks, .workers = 2, .exact = false, .precision = "f64"})
                  .distance_to(expected),
              1e-10)
        << ranks << " ranks";
}

TEST_P(Conformance, SavingAndLoadingChangesNothing) {
  const std::string expected = train(GetParam(), {.ranks = 2}).bits();
  for (const int ranks : {1, 3})
    EXPECT_TRUE(train(GetParam(), {.ranks = ranks, .reload = true}).bits() == expected);
}

TEST_P(Conformance, EveryParameterThatMovesHasAGradient) {
  const Toy toy(GetParam(), "batch", "f32");
  comm::run_ranks(2, [&](comm::Communicator& control) {
    Rank rank(toy, control, {.ranks = 2});
    rank.step(0);
    for (size_t i = 0; i < rank.engine().parameters().size(); ++i) {
      const at::Tensor& gradient = rank.engine().gradients()[i];
      EXPECT_TRUE(gradient.isfinite().all().item<bool>());
      EXPECT_TRUE(gradient.any().item<bool>()) << rank.engine().parameters()[i].name;
    }
  });
}

}  // namespace
}  // namespace espalier::engine
