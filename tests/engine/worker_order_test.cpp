// Which worker runs which lane never shows in the bits. The tasks of this file wait for a random
// while inside a lane, so that lanes meet workers in every order; being registered, they also pass
// the tests of every task.
#include <gtest/gtest.h>

#include <chrono>
#include <random>
#include <thread>

#include "engine/engine_support.h"

namespace espalier::engine {
namespace {

void wait_a_while() {
  thread_local std::mt19937 generator{std::random_device{}()};
  std::this_thread::sleep_for(std::chrono::microseconds(generator() % 300));
}

// Guesses the label. Has a float buffer that is no running statistic, and whose mean over lanes
// would be infinite.
class DelayedLocal : public pretext::Task {
 public:
  void build(const pretext::Site& site) override {
    classifier_ = register_module("classifier", torch::nn::Linear(site.width(), site.classes));
    constant_ = register_buffer("constant", torch::full({1}, 3e38));
  }

  pretext::LaneOutput run(model::Backbone& backbone, const pretext::LaneInput& input) override {
    wait_a_while();
    EXPECT_EQ(constant_.item<float>(), 3e38F);
    const torch::Tensor logits =
        classifier_->forward(backbone.represent(input.features(input.views[0])));
    return {.losses = torch::cross_entropy_loss(logits, input.labels, {}, at::Reduction::None)};
  }

 private:
  torch::nn::Linear classifier_{nullptr};
  at::Tensor constant_;
};

// A whole-batch loss with a parameter of its own: each anchor against the mean embedding, scaled.
class DelayedGlobal : public pretext::Task {
 public:
  bool compares() const override { return true; }

  void build(const pretext::Site&) override {
    scale_ = register_module("scale", torch::nn::Linear(torch::nn::LinearOptions(1, 1)));
  }

  pretext::LaneOutput run(model::Backbone& backbone, const pretext::LaneInput& input) override {
    wait_a_while();
    return {.embeddings = backbone.represent(input.features(input.views[0]))};
  }

  pretext::Compared compare(const pretext::Gathered& batch, const pretext::Part& part) override {
    wait_a_while();
    const at::Tensor& all = batch.embeddings;
    const int64_t samples = all.size(0);
    const at::Tensor far =
        (all.slice(0, part.first(samples), part.last(samples)) - all.mean(0)).square().sum(1, true);
    const at::Tensor sum = scale_->forward(far).square().sum();
    return {sum, static_cast<double>(samples)};
  }

 private:
  torch::nn::Linear scale_{nullptr};
};

ESPALIER_REGISTER(pretext::Task, DelayedLocal, "delayed_local", "test: a per-sample loss");
ESPALIER_REGISTER(pretext::Task, DelayedGlobal, "delayed_global", "test: a whole-batch loss");

struct Bits {
  std::string model, task, gradients;
  bool operator==(const Bits&) const = default;
};

// After `steps` steps with plain descent, on one rank of four lanes.
Bits train_for(const std::string& task, int64_t steps, int64_t workers) {
  const Toy toy(task, "batch", "f32");
  Network network = toy.network();
  Bits bits;
  comm::run_ranks(1, [&](comm::Communicator& control) {
    const auto data = control.duplicate();
    LaneEngine engine(network, [&] { return toy.make_network(); }, sync::LanePlan(4, 1, 0), control,
                      *data, {.workers = workers});
    const image::Batch batch = toy_batch(network.task->view_count(), 0, 16);
    tensor::TensorMap gradients;
    for (int64_t step = 0; step < steps; ++step) {
      engine.step(batch, kToyStep);
      engine.adopt_statistics();
      const torch::NoGradGuard no_grad;
      for (size_t i = 0; i < engine.parameters().size(); ++i) {
        const at::Tensor& gradient = engine.gradients()[i];
        at::Tensor(engine.parameters()[i].tensor).sub_(gradient, 0.01);
        gradients[engine.parameters()[i].name] = gradient;
      }
    }
    bits = {tensor::to_safetensors(state_of(*network.backbone)),
            tensor::to_safetensors(state_of(*network.task)), tensor::to_safetensors(gradients)};
  });
  return bits;
}

class WorkerOrder : public testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Tasks, WorkerOrder, testing::Values("delayed_local", "delayed_global"),
                         [](const auto& test) { return test.param; });

TEST_P(WorkerOrder, NeverShowsInTheBitsOf200Steps) {
  const Bits one = train_for(GetParam(), 200, /*workers=*/1);
  for (const int64_t workers : {2, 4}) {
    const Bits other = train_for(GetParam(), 200, workers);
    EXPECT_TRUE(one.model == other.model) << workers << " workers";
    EXPECT_TRUE(one.task == other.task) << workers << " workers";
    EXPECT_TRUE(one.gradients == other.gradients) << workers << " workers";
  }
}

TEST_P(WorkerOrder, CountsEveryStepOnce) {
  const Toy toy(GetParam(), "batch", "f32");
  Network network = toy.network();
  comm::run_ranks(1, [&](comm::Communicator& control) {
    const auto data = control.duplicate();
    LaneEngine engine(network, [&] { return toy.make_network(); }, sync::LanePlan(4, 1, 0), control,
                      *data, {.workers = 4});
    const image::Batch batch = toy_batch(network.task->view_count(), 0, 16);
    for (int64_t step = 1; step <= 50; ++step) {
      engine.step(batch, kToyStep);
      engine.adopt_statistics();
      ASSERT_EQ(state_of(*network.backbone).at("bn1.num_batches_tracked").item<int64_t>(), step);
    }
  });
}

}  // namespace
}  // namespace espalier::engine
