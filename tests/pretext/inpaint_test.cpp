#include <gtest/gtest.h>

#include "pretext_support.h"
#include "support/tolerance.h"

namespace espalier::pretext {
namespace {

// [n, H, W], true where the task hides a pixel from the backbone.
torch::Tensor hidden(Task& task, ProbeBackbone& probe, LaneInput views) {
  views.views[0] = torch::ones_like(views.views[0]);
  const torch::NoGradGuard no_grad;
  task.run(probe, views);
  return probe.seen.eq(0).all(1);
}

TEST(Inpaint, HidesAllChannelsOfAPixelAndLeavesTheOthersAsTheyAre) {
  ProbeBackbone probe;
  const auto task = make_task("inpaint", probe);
  const LaneInput views = make_input(*task, 4);
  const torch::Tensor mask = hidden(*task, probe, views).unsqueeze(1);
  task->run(probe, views);
  EXPECT_TRUE(probe.seen.equal(views.views[0].masked_fill(mask, 0)));
  EXPECT_TRUE(mask.any().item<bool>());
}

TEST(Inpaint, MaskDoesNotDependOnTheRestOfTheBatch) {
  ProbeBackbone probe;
  const auto task = make_task("inpaint", probe);
  const LaneInput views = make_input(*task, 6);
  const torch::Tensor all = hidden(*task, probe, views);
  for (const std::vector<int64_t>& places : std::vector<std::vector<int64_t>>{{3}, {5, 0, 2}})
    EXPECT_TRUE(hidden(*task, probe, select(views, places))
                    .equal(all.index_select(0, torch::tensor(places))));
}

TEST(Inpaint, MaskChangesWithSampleEpochAndSeed) {
  ProbeBackbone probe;
  const auto task = make_task("inpaint", probe);
  const LaneInput views = make_input(*task, 2);
  const torch::Tensor mask = hidden(*task, probe, views);
  LaneInput other_sample = views, other_epoch = views, other_seed = views;
  other_sample.samples[0] += 100;
  other_epoch.epochs[0] += 1;
  other_seed.step.seed += 1;
  for (const LaneInput& changed : {other_sample, other_epoch, other_seed})
    EXPECT_FALSE(hidden(*task, probe, changed)[0].equal(mask[0]));
  EXPECT_TRUE(hidden(*task, probe, other_epoch)[1].equal(mask[1]));
}

TEST(Inpaint, OneSquareHidesItsAreaExactly) {
  ProbeBackbone probe;
  const std::pair<const char*, int64_t> sides[] = {{"0", 1}, {"0.25", 3}, {"0.5", 6}, {"1", 12}};
  for (const auto& [side, pixels] : sides) {
    const auto task = make_task("inpaint", probe, std::string("squares: 1, side: ") + side);
    const torch::Tensor mask = hidden(*task, probe, make_input(*task, 5));
    for (int64_t i = 0; i < 5; ++i) {
      EXPECT_EQ(mask[i].sum().item<int64_t>(), pixels * pixels);
      EXPECT_EQ(mask[i].any(0).sum().item<int64_t>(), pixels);
      EXPECT_EQ(mask[i].any(1).sum().item<int64_t>(), pixels);
    }
  }
}

// Squares lie everywhere with equal probability: a row is covered by as many of them as have their
// top within reach, and k squares miss a pixel independently.
TEST(Inpaint, SquaresLieUniformly) {
  constexpr int64_t kSize = 12, kSide = 3, kSquares = 4, kSamples = 400;
  std::vector<double> reach;
  for (int64_t at = 0; at < kSize; ++at) {
    const int64_t tops = std::min(at, kSize - kSide) - std::max<int64_t>(at - kSide + 1, 0) + 1;
    reach.push_back(static_cast<double>(tops) / (kSize - kSide + 1));
  }
  const torch::Tensor rows = torch::tensor(reach, torch::kDouble);
  const torch::Tensor expected = 1 - (1 - torch::outer(rows, rows)).pow(kSquares);

  ProbeBackbone probe;
  const auto task = make_task("inpaint", probe, "squares: 4, side: 0.25, width: 1");
  const torch::Tensor share =
      hidden(*task, probe, make_input(*task, kSamples)).to(torch::kDouble).mean(0);
  const torch::Tensor deviation = (expected * (1 - expected) / kSamples).sqrt();
  EXPECT_LT(((share - expected).abs() / deviation).max().item<double>(), tolerance::kDeviations);
}

TEST(Inpaint, LossIsTheMeanSquaredErrorOverHiddenPixelsAlone) {
  ProbeBackbone probe;
  const auto task = make_task("inpaint", probe);
  task->named_parameters()["output.weight"].detach().zero_();  // predicts its bias, 0, everywhere
  const LaneInput views = make_input(*task, 3);
  const torch::Tensor mask = hidden(*task, probe, views).unsqueeze(1).to(torch::kDouble);
  const torch::Tensor& x = views.views[0];
  const LaneOutput loss = task->run(probe, views);
  const torch::Tensor expected =
      (x.square() * mask).sum({1, 2, 3}) / (mask.sum({1, 2, 3}) * kInput.channels);
  EXPECT_LT(largest_difference(loss.losses, expected), tolerance::kRounding64);
  EXPECT_LT(largest_difference(loss.metrics[0].second, mask.mean({1, 2, 3})),
            tolerance::kRounding64);

  LaneInput changed = views;
  changed.views[0] = x + 5 * (1 - mask);
  EXPECT_TRUE(task->run(probe, changed).losses.equal(loss.losses));
}

TEST(Inpaint, PredictionDependsOnVisiblePixelsAndNotOnHiddenOnes) {
  const auto backbone = tiny_backbone(model::Norm::kNone);
  ProbeBackbone probe;
  const auto probe_task = make_task("inpaint", probe);
  const auto task = make_task("inpaint", *backbone);
  const LaneInput views = make_input(*task, 2);
  const torch::Tensor mask = hidden(*probe_task, probe, views).unsqueeze(1).to(torch::kDouble);
  // d/dx of sum (p - x)^2 m / k is 2 (x - p) m / k in hidden pixels when p does not depend on them:
  // a second derivative of 2 / k, and no more.
  const torch::Tensor x = views.views[0].clone().requires_grad_();
  LaneInput tracked = views;
  tracked.views[0] = x;
  const torch::Tensor loss = task->run(*backbone, tracked).losses.sum();
  const torch::Tensor first = torch::autograd::grad({loss}, {x}, {}, true, true)[0];
  const torch::Tensor second = torch::autograd::grad({(first * mask).sum()}, {x})[0];
  const torch::Tensor k = mask.sum({1, 2, 3}, true) * kInput.channels;
  EXPECT_LT(largest_difference(second * mask, 2 * mask / k), tolerance::kRounding64);
  EXPECT_TRUE((first * (1 - mask)).any().item<bool>());
}

TEST(Inpaint, ReachesTheViewsSizeFromAnyMap) {
  for (const image::ViewShape& input : {image::ViewShape{3, 12, 20}, {1, 19, 23}, {2, 33, 18}})
    for (const char* name : {"conv_bn", "cnn"}) {
      if (std::string(name) == "cnn" && input.height < 18) continue;
      auto backbone = Registry<model::Backbone>::create(name);
      backbone->build(input, model::Norm::kNone);
      backbone->to(torch::kDouble);
      tensor::initialise(*backbone, "backbone.", tensor::InitScheme::kHeNormal, 3);
      const auto task = make_task("inpaint", *backbone, "width: 4", input);
      const LaneOutput loss = task->run(*backbone, make_input(*task, 2, input));
      EXPECT_TRUE(loss.losses.isfinite().all().item<bool>());
    }
}

}  // namespace
}  // namespace espalier::pretext
