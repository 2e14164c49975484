// Tasks in which every image is a class of its own.
#include <gtest/gtest.h>

#include "golden_support.h"
#include "pretext/blocks/instance_softmax.h"
#include "support/error_of.h"
#include "support/tolerance.h"

namespace espalier::pretext {
namespace {

torch::Tensor unit(const torch::Tensor& rows) { return rows / rows.norm(2, 1, /*keepdim=*/true); }

torch::Tensor buffer(const Task& task, const std::string& name) {
  return task.named_buffers()[name];
}

// Of sample i at row i of the bank.
torch::Tensor ids(const std::vector<int64_t>& samples) {
  return torch::tensor(samples, torch::kLong);
}

TEST(InstanceSoftmax, EqualsTheFullOneWhereEveryOtherRowIsDrawnOnce) {
  torch::manual_seed(1);
  const torch::Tensor table = torch::randn({30, 5}, torch::kDouble).requires_grad_();
  const torch::Tensor features = torch::randn({4, 5}, torch::kDouble).requires_grad_();
  const torch::Tensor own = ids({3, 29, 0, 3});
  const auto gradients = [&](const InstanceRows& rows) {
    const torch::Tensor loss = instance_losses(features, table, rows, 0.5).losses.sum();
    const auto g = torch::autograd::grad({loss}, {features, table});
    return std::vector<torch::Tensor>{loss.detach(), g[0], g[1]};
  };
  const auto full = gradients({own, {}});
  const auto drawn = gradients({own, torch::randperm(30, torch::kLong)});
  for (size_t i = 0; i < full.size(); ++i)
    EXPECT_LT(largest_difference(drawn[i], full[i]), tolerance::kRounding64);
}

// The mean of exp(loss) over many draws is that of the full softmax: e^loss = 1 + sum / e^own.
TEST(InstanceSoftmax, EstimatesTheSumOverOthersWithoutBias) {
  torch::manual_seed(2);
  const torch::Tensor table = torch::randn({20, 4}, torch::kDouble);
  const torch::Tensor features = torch::randn({1, 4}, torch::kDouble);
  const torch::Tensor own = ids({7});
  constexpr int64_t kDraws = 4000;
  std::vector<double> values;
  for (int64_t draw = 0; draw < kDraws; ++draw)
    values.push_back(
        instance_losses(features, table, {own, torch::randint(20, {6}, torch::kLong)}, 1)
            .losses.exp()
            .item<double>());
  const torch::Tensor estimates = torch::tensor(values, torch::kDouble);
  const double full = instance_losses(features, table, {own, {}}, 1).losses.exp().item<double>();
  EXPECT_NEAR(estimates.mean().item<double>(), full,
              tolerance::kDeviations * estimates.std().item<double>() / std::sqrt(kDraws));
}

TEST(Npid, EqualsTheSoftmaxOverTheBank) {
  const std::vector<json> cases = golden_cases("compare.jsonl", "npid");
  ASSERT_EQ(cases.size(), 1U);
  const json& line = cases[0];
  const torch::Tensor z = tensor_of(line["embeddings"]).requires_grad_();
  const torch::Tensor mean =
      instance_losses(unit(z.flatten(1)), tensor_of(line["bank"]),
                      {ids(line["samples"].get<std::vector<int64_t>>()), {}}, 0.1)
          .losses.mean();
  mean.backward();
  EXPECT_NEAR(mean.item<double>(), line["loss"].get<double>(), tolerance::kRounding64);
  EXPECT_LT(largest_difference(z.grad(), tensor_of(line["gradient"])), tolerance::kRounding64);
}

TEST(Npid, TheBankFollowsTheBatchAndTheLaterOfTwo) {
  const auto backbone = tiny_backbone(model::Norm::kNone);
  const auto task = make_task("npid", *backbone, "momentum: 0.25, dimension: 3");
  const torch::Tensor before = buffer(*task, "bank").clone();
  EXPECT_EQ(before.sizes().vec(), (std::vector<int64_t>{100, 3}));
  const torch::Tensor v = unit(torch::randn({3, 3}, torch::kDouble));
  {
    const torch::NoGradGuard no_grad;
    task->after_step(*backbone, {}, {.detached = v, .samples = ids({8, 40, 8})});
  }
  torch::Tensor expected = before.clone();
  for (const auto& [row, place] : {std::pair{40, 1}, {8, 2}})
    expected[row] = unit((0.25 * before[row] + 0.75 * v[place]).unsqueeze(0))[0];
  EXPECT_LT(largest_difference(buffer(*task, "bank"), expected), tolerance::kRounding64);
}

TEST(Npid, DrawsAnewInEachStepAndTheSameInEachLane) {
  const auto backbone = tiny_backbone(model::Norm::kNone);
  const auto task = make_task("npid", *backbone, "full_up_to: 50, negatives: 7");
  LaneInput input = make_input(*task, 3);
  const torch::Tensor first = task->run(*backbone, input).losses;
  input.lane = 1;
  EXPECT_TRUE(task->run(*backbone, input).losses.equal(first));
  input.step.number = 1;
  EXPECT_FALSE(task->run(*backbone, input).losses.equal(first));
}

TEST(Exemplar, HasARowForEveryIdOfTheSet) {
  const auto backbone = tiny_backbone(model::Norm::kNone);
  const auto task = make_task("exemplar", *backbone);
  LaneInput input = make_input(*task, 3);
  input.samples[1] = 99;
  EXPECT_TRUE(task->run(*backbone, input).losses.isfinite().all().item<bool>());
}

}  // namespace
}  // namespace espalier::pretext
