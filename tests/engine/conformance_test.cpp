// What every registered task holds on any number of ranks and workers, through five whole steps:
// gradient, optimizer, what the task does after a step. Lanes are delayed at random, so that
// workers meet them in every order. Tasks that are built into this program by others (the examples
// of docs/adding.md) are asked the same.
#include <gmock/gmock.h>

#include <chrono>
#include <random>
#include <thread>

#include "engine/training_rank.h"

namespace espalier::engine {
namespace {

constexpr int64_t kSteps = 5;

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
  bool trains_backbone(const std::string& name, const pretext::Step& step) const override {
    return inner_->trains_backbone(name, step);
  }
  pretext::Scalars after_step(model::Backbone& backbone, const pretext::Step& step,
                              const pretext::Gathered& batch) override {
    return inner_->after_step(backbone, step, batch);
  }

 private:
  std::shared_ptr<pretext::Task> inner_;
};

struct Run {
  int ranks = 1;
  int64_t workers = 1;
  bool exact = true;
  std::string precision = "f32";
  bool reload = false;  // into a new network in the middle
};

Training training_of(const Run& run) {
  return {.steps = kSteps,
          .engine = {.workers = run.workers, .exact = run.exact},
          .dress = [](auto task) { return std::make_shared<Delayed>(task); }};
}

// The state after five steps, which is that of every rank.
State train(const std::string& task, const Run& run) {
  const Toy toy(task, "batch", run.precision);
  std::vector<State> states(static_cast<size_t>(run.ranks));
  comm::run_ranks(run.ranks, [&](comm::Communicator& control) {
    const auto data = control.duplicate();
    auto rank = std::make_unique<Rank>(toy, control, *data, training_of(run));
    for (int64_t step = 0; step < kSteps; ++step) {
      if (run.reload && step == 2) {
        const State saved = rank->state();
        rank = std::make_unique<Rank>(toy, control, *data, training_of(run));
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
    const auto data = control.duplicate();
    Rank rank(toy, control, *data, training_of({.ranks = 2}));
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
