// Teachers, queues and prototypes of instance discrimination, on images of one colour each.
#include <gtest/gtest.h>

#include <numeric>

#include "golden_support.h"
#include "pretext/blocks/sinkhorn.h"
#include "support/tolerance.h"

namespace espalier::pretext {
namespace {

class Learns : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Instance, Learns,
                         testing::Values("byol", "simsiam", "moco_v2", "moco_v3", "nnclr", "swav"),
                         [](const auto& test) { return test.param; });

TEST_P(Learns, LossFallsOnAToySet) {
  const auto backbone = tiny_backbone(model::Norm::kBatch);
  const std::string options = GetParam() == "moco_v2" ? "momentum: 0.9, queue: 32" : "";
  const auto task = make_task(GetParam(), *backbone, options, kInput,
                              [] { return tiny_backbone(model::Norm::kBatch); });
  {
    const torch::NoGradGuard no_grad;
    task->weights_drawn(*backbone);
  }
  LaneInput input = make_input(*task, 8);
  input.step.total = 60;
  std::vector<double> losses;
  for (input.step.number = 0; input.step.number < input.step.total; ++input.step.number) {
    const torch::Tensor colours = 2 * torch::randn({8, 3, 1, 1}, torch::kDouble);
    for (torch::Tensor& view : input.views) view = colours + 0.3 * torch::randn_like(view);
    losses.push_back(train_step(*task, *backbone, input, /*lr=*/0.1));
  }
  const auto mean = [&](size_t from) {
    return std::accumulate(&losses[from], &losses[from] + 10, 0.0) / 10;
  };
  EXPECT_LT(mean(50), mean(5) - 0.05) << mean(10);  // a queue is full after a few steps
}

std::vector<torch::Tensor> values_of(const torch::nn::Module& module, const std::string& prefix) {
  std::vector<torch::Tensor> values;
  for (const auto& item : module.named_parameters())
    if (item.key().starts_with(prefix)) values.push_back(item.value().detach().clone());
  return values;
}

TEST(SimSiam, RateOfThePredictorIsConstantUnlessItIsToFollow) {
  const auto backbone = tiny_backbone(model::Norm::kBatch);
  const auto published = make_task("simsiam", *backbone);
  const auto scheduled = make_task("simsiam", *backbone, "predictor_rate: scheduled");
  for (const auto& item : published->named_parameters()) {
    EXPECT_EQ(published->has_constant_rate(item.key()), item.key().starts_with("predictor."));
    EXPECT_FALSE(scheduled->has_constant_rate(item.key()));
  }
}

TEST(MocoV3, ProjectionOfPatchesRestsUnlessItIsToTrain) {
  const auto backbone = tiny_vit();
  const auto another = [] { return tiny_vit(); };
  const auto published = make_task("moco_v3", *backbone, "", kInput, another);
  const auto trained = make_task("moco_v3", *backbone, "frozen_patches: false", kInput, another);
  for (const auto& item : backbone->named_parameters()) {
    EXPECT_EQ(published->trains_backbone(item.key(), {}),
              item.key() != "patch_embed.proj.weight" && item.key() != "patch_embed.proj.bias");
    EXPECT_TRUE(trained->trains_backbone(item.key(), {}));
  }
}

class Teaches : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Instance, Teaches, testing::Values("byol", "moco_v2", "moco_v3"),
                         [](const auto& test) { return test.param; });

TEST_P(Teaches, TeacherBeginsAsTheStudentAndFollowsByItsMomentum) {
  const auto backbone = tiny_backbone(model::Norm::kNone);
  const auto task = make_task(GetParam(), *backbone, "momentum: 0.9");
  const auto student = [&] {
    std::vector<torch::Tensor> all = values_of(*backbone, "");
    for (const torch::Tensor& value : values_of(*task, "projector.")) all.push_back(value);
    return all;
  };
  const auto teacher = [&] {
    std::vector<torch::Tensor> all = values_of(*task, "teacher.");
    for (const torch::Tensor& value : values_of(*task, "teacher_projector.")) all.push_back(value);
    return all;
  };
  {
    const torch::NoGradGuard no_grad;
    task->weights_drawn(*backbone);
  }
  const std::vector<torch::Tensor> before = student();
  ASSERT_EQ(teacher().size(), before.size());
  for (size_t i = 0; i < before.size(); ++i) EXPECT_TRUE(teacher()[i].equal(before[i]));
  const LaneInput input = make_input(*task, 4);
  train_step(*task, *backbone, input, /*lr=*/0.1);
  const std::vector<torch::Tensor> moved = student(), followed = teacher();
  for (size_t i = 0; i < before.size(); ++i) {
    EXPECT_FALSE(moved[i].equal(before[i]));
    EXPECT_LT(largest_difference(followed[i], 0.9 * before[i] + 0.1 * moved[i]),
              tolerance::kRounding64);
  }
}

TEST_P(Teaches, GradientStopsAtTheTeacher) {
  const auto backbone = tiny_backbone(model::Norm::kNone);
  const auto task = make_task(GetParam(), *backbone);
  total_loss(*task, *backbone, make_input(*task, 4)).backward();
  size_t parameters = 0;
  for (const auto& item : task->named_parameters())
    if (item.key().starts_with("teacher")) {
      EXPECT_FALSE(item.value().requires_grad()) << item.key();
      EXPECT_FALSE(item.value().grad().defined()) << item.key();
      ++parameters;
    }
  EXPECT_GE(parameters, 4 + 2U);
}

TEST(Byol, MomentumRisesToOne) {
  const auto backbone = tiny_backbone(model::Norm::kNone);
  const auto task = make_task("byol", *backbone, "momentum: 0.9");
  const auto momentum = [&](int64_t number) {
    return task->after_step(*backbone, {.number = number, .total = 100}, {}).at(0).second;
  };
  EXPECT_DOUBLE_EQ(momentum(0), 0.9);
  EXPECT_DOUBLE_EQ(momentum(50), 0.95);
  EXPECT_NEAR(momentum(100), 1, tolerance::kRounding64);
}

TEST(MocoV2, KeysOfTheBatchEnterTheQueue) {
  for (const bool symmetric : {false, true}) {
    const auto backbone = tiny_backbone(model::Norm::kNone);
    const auto task = make_task("moco_v2", *backbone,
                                fmt::format("queue: 12, symmetric: {}, temperature: 1", symmetric));
    const LaneInput input = make_input(*task, 4);
    const Gathered batch = gathered(task->run(*backbone, input), input);
    const Scalars scalars = task->after_step(*backbone, {}, batch);
    const int64_t keys = symmetric ? 8 : 4;
    EXPECT_EQ(scalars.at(0), (std::pair<std::string, double>("queue_filled", keys)));
    const torch::Tensor rows = task->named_buffers()["queue.rows"];
    EXPECT_TRUE(rows.narrow(0, 0, keys).equal(batch.detached.reshape({keys, -1})));
    EXPECT_LT(largest_difference(rows.norm(2, 1), torch::ones({12}, torch::kDouble)),
              tolerance::kRounding32);
  }
}

TEST(Sinkhorn, RowsSumToOneAndPrototypesShareTheBatch) {
  torch::manual_seed(5);
  const torch::Tensor scores = 2 * torch::rand({12, 4}, torch::kDouble) - 1;
  const torch::Tensor few = sinkhorn(scores, 0.3, 3), many = sinkhorn(scores, 0.3, 500);
  for (const torch::Tensor& codes : {few, many})
    EXPECT_LT(largest_difference(codes.sum(1), torch::ones({12}, torch::kDouble)),
              tolerance::kRounding64);
  EXPECT_LT(largest_difference(many.sum(0), torch::full({4}, 3.0, torch::kDouble)),
            tolerance::kDeep64);
  EXPECT_GT(largest_difference(few, many), 1e-3);
}

TEST(Swav, PrototypesRestAtFirstAndKeepLengthOne) {
  const auto backbone = tiny_backbone(model::Norm::kBatch);
  const auto task = make_task("swav", *backbone, "rest: 0.5");
  {
    const torch::NoGradGuard no_grad;
    task->weights_drawn(*backbone);
  }
  LaneInput input = make_input(*task, 6);
  input.step.total = 4;
  for (input.step.number = 0; input.step.number < 4; ++input.step.number) {
    const torch::Tensor before = values_of(*task, "prototypes.")[0];
    train_step(*task, *backbone, input, /*lr=*/0.5);
    const torch::Tensor after = values_of(*task, "prototypes.")[0];
    EXPECT_LT(largest_difference(after.norm(2, 1), torch::ones({after.size(0)}, torch::kDouble)),
              tolerance::kRounding64);
    EXPECT_EQ(largest_difference(after, before) < tolerance::kRounding64, input.step.number < 2);
  }
}

TEST(Swav, SmallViewsGoThroughInAForwardOfTheirOwn) {
  ProbeBackbone probe;
  const auto task = make_task("swav", probe, "local_crops: 3");
  LaneInput input = make_input(*task, 4);
  for (size_t view = 2; view < 5; ++view) input.views[view] = input.views[view].slice(2, 0, 6);
  const LaneOutput output = task->run(probe, input);
  EXPECT_TRUE(probe.seen.equal(torch::cat({input.views[2], input.views[3], input.views[4]})));
  EXPECT_EQ(output.embeddings.sizes().vec(), (std::vector<int64_t>{4, 5 * 8}));
  EXPECT_TRUE(output.detached.equal(output.embeddings.detach().narrow(1, 0, 2 * 8)));
}

TEST(Swav, QueueJoinsTheAssignmentOnceItIsFull) {
  const auto backbone = tiny_backbone(model::Norm::kBatch);
  const auto with = make_task("swav", *backbone, "queue: 12, queue_start: 0.5");
  const auto without = make_task("swav", *backbone);
  const LaneInput input = make_input(*with, 6);
  const Gathered batch = gathered(with->run(*backbone, input), input);
  const torch::NoGradGuard no_grad;
  const auto is_used = [&] {
    return !with->compare(batch, {}).sum.equal(without->compare(batch, {}).sum);
  };
  const auto step = [&](int64_t number) {
    Gathered earlier = batch;
    earlier.detached = -batch.detached;
    for (Task* task : {with.get(), without.get()})
      task->after_step(*backbone, {.number = number, .total = 4}, earlier);
  };
  for (const int64_t number : {0, 1, 2}) step(number);  // filled by half
  EXPECT_FALSE(is_used());
  step(3);
  EXPECT_TRUE(is_used());
}

}  // namespace
}  // namespace espalier::pretext
