#include "engine/lane_engine.h"

#include <gmock/gmock.h>

#include "engine/engine_support.h"
#include "tensor/convert.h"

namespace espalier::engine {
namespace {

constexpr int64_t kBatch = 24;
// f64 sums of some thousand terms of order 1, taken in another order.
constexpr double kRounding = 1e-10;

class AnyTask : public testing::TestWithParam<std::string> {};

INSTANTIATE_TEST_SUITE_P(Tasks, AnyTask, testing::ValuesIn(Registry<pretext::Task>::names()),
                         [](const auto& test) { return test.param; });

// The slow twin: the whole batch through one network, LibTorch's own autograd, one division.
tensor::TensorMap plain_gradients(const Toy& toy) {
  Network network = toy.network();
  const image::Batch batch = toy_batch(network.task->view_count(), 0, kBatch);
  pretext::LaneInput input;
  for (const image::Slab& slab : batch.views)
    input.views.push_back(tensor::to_tensor(slab, 0, kBatch, at::kDouble, c10::kCPU));
  input.labels = torch::tensor(batch.labels, at::kLong);
  input.samples = batch.samples;
  input.epochs = batch.epochs;
  input.step = kToyStep;
  const pretext::LaneOutput output = network.task->run(*network.backbone, input);
  at::Tensor mean = torch::zeros({}, at::kDouble);
  if (output.losses.defined()) mean = mean + output.losses.mean();
  if (network.task->compares()) {
    const pretext::Compared compared =
        network.task->compare({output.embeddings, output.detached, input.labels,
                               torch::tensor(input.samples, at::kLong), output.sums, input.step},
                              {});
    mean = mean + compared.sum / compared.weight;
  }
  mean.backward();
  tensor::TensorMap gradients;
  for (const NamedTensor& parameter : network.trained_parameters())
    gradients[parameter.name] = parameter.tensor.grad();
  return gradients;
}

TEST_P(AnyTask, GradientIsThatOfOneProcessOnTheWholeBatchAtAnyRankCount) {
  const Toy toy(GetParam(), "group", "f64");
  const tensor::TensorMap expected = plain_gradients(toy);
  double size = 0;
  for (const auto& [name, gradient] : expected)
    size = std::max(size, gradient.abs().max().item<double>());
  ASSERT_GT(size, 1e-3);
  const bool heads_normalise = !toy.network().running_statistics().empty();
  for (const int ranks : {1, 2, 3, 4}) {
    const StepResult step =
        step_of(toy, kBatch, {.lanes = 4, .ranks = ranks, .shared_statistics = heads_normalise});
    EXPECT_LT(largest_difference(expected, step.gradients), kRounding) << ranks << " ranks";
  }
  EXPECT_LT(largest_difference(expected, step_of(toy, kBatch, {.lanes = 1}).gradients), kRounding);
}

// With 4 ranks simclr keeps the graph of its first pass, with fewer it runs every lane twice.
TEST_P(AnyTask, BitsDoNotDependOnRanksOrWorkers) {
  const Toy toy(GetParam(), "batch", "f32");
  const StepResult one = step_of(toy, kBatch, {.lanes = 4});
  for (const int ranks : {1, 2, 3, 4}) {
    for (const int64_t workers : {1, 2, 4}) {
      const StepResult other =
          step_of(toy, kBatch, {.lanes = 4, .ranks = ranks, .workers = workers});
      EXPECT_TRUE(equal_bits(one.gradients, other.gradients)) << ranks << " ranks";
      EXPECT_TRUE(equal_bits(one.statistics, other.statistics)) << ranks << " ranks";
      EXPECT_EQ(one.sums.loss, other.sums.loss);
      EXPECT_EQ(one.sums.metrics, other.sums.metrics);
    }
  }
}

TEST_P(AnyTask, LanesThatAreNoPowerOfTwoAreSummedAlikeToo) {
  const Toy toy(GetParam(), "batch", "f32");
  const StepResult one = step_of(toy, kBatch, {.lanes = 6});
  for (const int ranks : {4, 5, 6})
    EXPECT_TRUE(equal_bits(one.gradients, step_of(toy, kBatch, {6, ranks}).gradients));
}

TEST_P(AnyTask, FastModeAgreesToRounding) {
  const Toy toy(GetParam(), "batch", "f64");
  const StepResult exact = step_of(toy, kBatch, {.lanes = 4, .ranks = 3});
  const StepResult fast = step_of(toy, kBatch, {.lanes = 4, .ranks = 3}, /*exact=*/false);
  EXPECT_LT(largest_difference(exact.gradients, fast.gradients), kRounding);
  EXPECT_LT(largest_difference(exact.statistics, fast.statistics), kRounding);
}

TEST_P(AnyTask, RunningStatisticsAreTheMeanOverLanesOfOneUpdateEach) {
  const Toy toy(GetParam(), "batch", "f64");
  const tensor::TensorMap together = step_of(toy, kBatch, {.lanes = 2}).statistics;
  tensor::TensorMap mean;
  for (const int64_t lane : {0, 1}) {
    Network network = toy.network();
    const image::Batch batch =
        toy_batch(network.task->view_count(), lane * kBatch / 2, (lane + 1) * kBatch / 2);
    const auto plan = sync::LanePlan(1, 1, 0);
    comm::run_ranks(1, [&](comm::Communicator& comm) {
      LaneEngine engine(network, [&] { return toy.make_network(); }, plan, comm, comm,
                        {.precision = tensor::Precision::kF64});
      engine.step(batch, kToyStep);
      engine.adopt_statistics();
    });
    for (const NamedTensor& buffer : network.running_statistics())
      mean[buffer.name] = lane == 0 ? buffer.tensor / 2 : mean[buffer.name] + buffer.tensor / 2;
  }
  EXPECT_LT(largest_difference(together, mean), kRounding);
  for (const auto& [name, tensor] : together)
    if (name.ends_with("running_var")) EXPECT_GT((tensor - 1).abs().max().item<double>(), 1e-4);
}

TEST(LaneEngine, NamesTheFirstGradientThatIsNotFinite) {
  const Toy toy("rotation", "group", "f32");
  Network network = toy.network();
  comm::run_ranks(1, [&](comm::Communicator& comm) {
    LaneEngine engine(network, [&] { return toy.make_network(); }, sync::LanePlan(2, 1, 0), comm,
                      comm, {});
    image::Batch batch = toy_batch(1, 0, 8);
    EXPECT_TRUE(engine.step(batch, kToyStep).finite);
    EXPECT_EQ(engine.first_nonfinite_gradient(), "");
    *reinterpret_cast<float*>(batch.views[0].bytes.data()) = std::nanf("");
    EXPECT_FALSE(engine.step(batch, kToyStep).finite);
    EXPECT_EQ(engine.first_nonfinite_gradient(), "backbone.conv1.weight");
  });
}

// A bad label is what LibTorch refuses inside a lane, on one rank alone.
TEST(LaneEngine, FailureInALaneOfOneRankEndsAllRanks) {
  const Toy toy("supervised", "group", "f32");
  std::atomic<int> ended = 0;
  const auto step = [&](comm::Communicator& control) {
    const auto data = control.duplicate();
    Network network = toy.network();
    const sync::LanePlan plan(4, control.size(), control.rank());
    LaneEngine engine(network, [&] { return toy.make_network(); }, plan, control, *data,
                      {.workers = 2});
    image::Batch batch = toy_batch(1, plan.first() * 2, plan.last() * 2);
    if (control.rank() == 1) batch.labels.back() = kToyClasses + 5;
    try {
      engine.step(batch, kToyStep);
    } catch (const std::exception&) {
      ++ended;
      throw;
    }
  };
  EXPECT_ANY_THROW(comm::run_ranks(3, step));
  EXPECT_EQ(ended, 3);
}

// Batch normalisation over the whole batch: several lanes compute what one does.
TEST_P(AnyTask, SharedStatisticsMakeLanesInvisible) {
  const Toy toy(GetParam(), "batch", "f64");
  const StepResult one = step_of(toy, kBatch, {.lanes = 1});
  for (const int ranks : {1, 2, 3, 4}) {
    const StepResult shared =
        step_of(toy, kBatch, {.lanes = 4, .ranks = ranks, .shared_statistics = true});
    EXPECT_LT(largest_difference(one.gradients, shared.gradients), kRounding) << ranks << " ranks";
    EXPECT_LT(largest_difference(one.statistics, shared.statistics), kRounding);
  }
  if (one.statistics.empty()) return;  // nothing here normalises over samples
  const StepResult local = step_of(toy, kBatch, {.lanes = 4});
  EXPECT_GT(largest_difference(one.gradients, local.gradients), 1e-6);
}

TEST_P(AnyTask, SharedStatisticsHaveTheSameBitsOnAnyRanks) {
  const Toy toy(GetParam(), "batch", "f32");
  const StepResult one = step_of(toy, kBatch, {.lanes = 4, .shared_statistics = true});
  for (const int ranks : {2, 3, 4}) {
    const StepResult other =
        step_of(toy, kBatch, {.lanes = 4, .ranks = ranks, .shared_statistics = true});
    EXPECT_TRUE(equal_bits(one.gradients, other.gradients)) << ranks << " ranks";
    EXPECT_TRUE(equal_bits(one.statistics, other.statistics)) << ranks << " ranks";
  }
}

TEST_P(AnyTask, RecomputedStagesHaveTheSameBits) {
  const Toy kept(GetParam(), "batch", "f32"), again(GetParam(), "batch", "f32", /*recompute=*/true);
  const StepResult first = step_of(kept, kBatch, {.lanes = 4, .ranks = 2});
  const StepResult second = step_of(again, kBatch, {.lanes = 4, .ranks = 2});
  EXPECT_TRUE(equal_bits(first.gradients, second.gradients));
  EXPECT_TRUE(equal_bits(first.statistics, second.statistics));
}

}  // namespace
}  // namespace espalier::engine
