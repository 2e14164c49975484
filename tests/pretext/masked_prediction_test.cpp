// What hides patches besides MAE: SimMIM and I-JEPA, and how masks are drawn.
#include <gtest/gtest.h>

#include <set>

#include "pretext/blocks/patch_masks.h"
#include "pretext/blocks/patches.h"
#include "pretext_support.h"
#include "support/tolerance.h"

namespace espalier::pretext {
namespace {

LaneInput samples(int64_t count, int64_t step = 0) {
  LaneInput input;
  for (int64_t i = 0; i < count; ++i) input.samples.push_back(i);
  input.epochs.assign(static_cast<size_t>(count), 0);
  input.step = {.number = step, .total = 100, .seed = 5};
  return input;
}

TEST(RandomSquares, HideTheShareInWholeSquares) {
  const torch::Tensor hidden = random_squares(samples(50), "test", 12, 8, 4, 0.5);
  EXPECT_TRUE(hidden.sum({1, 2}).eq(3 * 16).all().item<bool>());  // 3 of 6 squares
  const torch::Tensor squares = hidden.view({50, 3, 4, 2, 4}).to(torch::kLong).sum({2, 4});
  EXPECT_TRUE((squares.eq(0) | squares.eq(16)).all().item<bool>());
  EXPECT_TRUE(squares.sum(0).gt(0).all().item<bool>());
}

TEST(ContextAndTargets, ContextIsInNoTargetAndBlocksAreRectangles) {
  const model::Patches patches{.side = 16, .rows = 14, .columns = 10, .width = 8};
  const BlockRange context{0.85, 1, 1, 1}, target{0.15, 0.2, 0.75, 1.5};
  std::set<int64_t> sizes;
  for (int64_t step = 0; step < 20; ++step) {
    const auto masks =
        context_and_targets(samples(6, step), "test", patches, 35, 4, context, target);
    ASSERT_EQ(masks.context.sizes().vec(), (std::vector<int64_t>{6, 35}));
    const int64_t size = masks.targets.size(2);
    sizes.insert(size);
    EXPECT_NEAR(static_cast<double>(size), 0.175 * 140, 0.06 * 140);
    for (int64_t i = 0; i < 6; ++i) {
      const torch::Tensor all = masks.targets[i].flatten();
      EXPECT_FALSE(torch::isin(masks.context[i], all).any().item<bool>());
      for (int64_t block = 0; block < 4; ++block) {
        const torch::Tensor places = masks.targets[i][block];
        const torch::Tensor rows = places.floor_divide(10), columns = places.remainder(10);
        const int64_t height = (rows.max() - rows.min()).item<int64_t>() + 1;
        const int64_t width = (columns.max() - columns.min()).item<int64_t>() + 1;
        EXPECT_EQ(height * width, size);
      }
    }
  }
  EXPECT_GT(sizes.size(), 1U);
}

TEST(ContextAndTargets, EndsOnTheSmallestGrids) {
  for (const int64_t rows : {2, 3, 5})
    for (const int64_t columns : {2, 3, 7}) {
      const model::Patches patches{.rows = rows, .columns = columns};
      for (int64_t step = 0; step < 30; ++step)
        EXPECT_EQ(
            context_and_targets(samples(3, step), "test", patches, share_of(0.35, patches.count()),
                                4, {0.85, 1, 1, 1}, {0.15, 0.2, 0.75, 1.5})
                .context.size(0),
            3);
    }
}

TEST(PixelsOfPatches, AreRowByRowWithChannelsSideBySide) {
  const torch::Tensor x = torch::arange(2 * 3 * 4 * 6).view({2, 3, 4, 6});
  const model::Patches patches{.side = 2, .rows = 2, .columns = 3};
  const torch::Tensor pixels = pixels_of_patches(x, patches);
  EXPECT_EQ(pixels.sizes().vec(), (std::vector<int64_t>{2, 6, 12}));
  // Patch 4 is row 1, column 1: its last pixel is (3, 3).
  for (int64_t channel = 0; channel < 3; ++channel)
    EXPECT_EQ(pixels[1][4][9 + channel].item<int64_t>(), x[1][channel][3][3].item<int64_t>());
}

// The loss counts hidden pixels alone, and what they were does not reach the prediction.
TEST(SimMim, PredictsHiddenPixelsFromTheOthers) {
  for (const bool patches : {false, true}) {
    const auto backbone = patches ? tiny_vit() : tiny_backbone(model::Norm::kNone);
    const auto task = make_task("simmim", *backbone, "side: 4");
    LaneInput input = make_input(*task, 3);
    torch::Tensor hidden = random_squares(input, "simmim.squares", 3, 3, 1, 0.6);
    hidden = hidden.repeat_interleave(4, 1).repeat_interleave(4, 2).unsqueeze(1).to(torch::kDouble);
    const torch::Tensor x = input.views[0].clone();
    const auto loss_of = [&](const torch::Tensor& views) {
      input.views[0] = views;
      return task->run(*backbone, input).losses;
    };
    // Far above any prediction, the mean absolute error grows as the pixels do.
    const torch::Tensor far = loss_of(x + 100 * hidden), farther = loss_of(x + 103 * hidden);
    EXPECT_LT(largest_difference(farther - far, torch::full({3}, 3.0, torch::kDouble)), 1e-9);
    EXPECT_GT((loss_of(x + 0.1 * (1 - hidden)) - loss_of(x)).abs().max().item<double>(), 1e-6);
  }
}

TEST(SimMim, RefusesSquaresThatAreNoWholePatchesOrHideAll) {
  const auto backbone = tiny_vit();
  EXPECT_THROW(make_task("simmim", *backbone, "side: 6"), Error);
  EXPECT_THROW(make_task("simmim", *backbone, "side: 12"), Error);
}

TEST(IJepa, TeacherHasNoGradientAndFollowsWithAGrowingMomentum) {
  const auto backbone = tiny_vit();
  const auto task = make_task("ijepa", *backbone, "momentum: 0.8");
  const auto teacher = task->named_children()["teacher"];
  task->weights_drawn(*backbone);
  task->run(*backbone, make_input(*task, 3)).losses.sum().backward();
  for (const torch::Tensor& weight : teacher->parameters()) EXPECT_FALSE(weight.requires_grad());
  const torch::NoGradGuard no_grad;
  const torch::Tensor before = teacher->named_parameters()["pos_embed"].clone();
  torch::Tensor position = backbone->named_parameters()["pos_embed"];
  EXPECT_TRUE(before.equal(position));
  position.add_(1);
  task->after_step(*backbone, {.number = 5, .total = 10}, {});  // momentum 0.9
  EXPECT_LT(largest_difference(teacher->named_parameters()["pos_embed"], before + 0.1),
            tolerance::kRounding64);
}

// A teacher's features are scaled to variance 1 whatever the teacher's last norm is.
TEST(IJepa, TargetsAreNormalised) {
  const auto backbone = tiny_vit();
  const auto task = make_task("ijepa", *backbone);
  const LaneInput input = make_input(*task, 3);
  task->weights_drawn(*backbone);
  const torch::NoGradGuard no_grad;
  const torch::Tensor losses = task->run(*backbone, input).losses;
  task->named_children()["teacher"]->named_parameters()["norm.weight"].mul_(100);
  EXPECT_LT(largest_difference(task->run(*backbone, input).losses, losses), 1e-3);
}

}  // namespace
}  // namespace espalier::pretext
