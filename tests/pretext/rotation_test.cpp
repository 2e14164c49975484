#include <gtest/gtest.h>

#include <set>

#include "classic_support.h"
#include "support/tolerance.h"

namespace espalier::pretext {
namespace {

TEST(Rotation, ShowsEveryImageInItsFourQuarterTurns) {
  ProbeBackbone probe;
  const auto task = make_task("rotation", probe);
  const LaneInput views = make_input(*task, 3);
  task->run(probe, views);
  ASSERT_EQ(probe.seen.size(0), 12);
  // Counter-clockwise: the upper right corner comes to the upper left.
  for (int64_t i = 0; i < 3; ++i) {
    const torch::Tensor x = views.views[0][i];
    const torch::Tensor once = x.flip({2}).transpose(1, 2);
    EXPECT_TRUE(probe.seen[i].equal(x));
    EXPECT_TRUE(probe.seen[3 + i].equal(once));
    EXPECT_TRUE(probe.seen[6 + i].equal(x.flip({1, 2})));
    EXPECT_TRUE(probe.seen[9 + i].equal(once.flip({1, 2})));
  }
}

TEST(Rotation, AClassifierThatKnowsNothingLosesLogFour) {
  const auto backbone = tiny_backbone(model::Norm::kNone);
  const auto task = make_task("rotation", *backbone);
  for (torch::Tensor& weight : task->parameters()) weight.detach().zero_();
  const LaneOutput loss = task->run(*backbone, make_input(*task, 3));
  for (int64_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(loss.losses[i].item<double>(), std::log(4), tolerance::kRounding64);
    EXPECT_EQ(loss.metrics[0].second[i].item<double>(), 0.25);
  }
}

// One bias makes the answer "half a turn" whatever the image: right for one turn of four.
TEST(Rotation, ASureAnswerIsRightForItsTurnAlone) {
  const auto backbone = tiny_backbone(model::Norm::kNone);
  const auto task = make_task("rotation", *backbone);
  for (torch::Tensor& weight : task->parameters()) weight.detach().zero_();
  task->named_parameters()["classifier.bias"].detach()[2] = 30;
  const double loss = task->run(*backbone, make_input(*task, 1)).losses.item<double>();
  EXPECT_NEAR(loss, 30 * 0.75, 1e-10);  // log(e^30 + 3) - 30 = 3e-13
}

TEST(Rotation, OfTwoAnglesShowsTheImageAndItsHalfTurn) {
  ProbeBackbone probe;
  const auto task = make_task("rotation", probe, "angles: 2");
  const LaneInput views = make_input(*task, 2);
  task->run(probe, views);
  EXPECT_TRUE(probe.seen.equal(torch::cat({views.views[0], views.views[0].flip({2, 3})})));
}

// The plane x + 3y, which bilinear interpolation keeps: turned by any angle it is another plane.
TEST(Rotation, OfEightAnglesTurnsTheInnerSquareByEighthsAndShowsNoBorder) {
  ProbeBackbone probe;
  const auto task = make_task("rotation", probe, "angles: 8");
  LaneInput views = make_input(*task, 2);
  const torch::Tensor at = torch::arange(12, torch::kDouble) - 5.5;
  const torch::Tensor x = at.expand({12, 12}), y = at.view({12, 1}).expand({12, 12});
  views.views[0] = (x + 3 * y).expand({2, 3, 12, 12});
  task->run(probe, views);
  for (int64_t eighth = 0; eighth < 8; ++eighth) {
    const double angle = std::acos(-1) / 4 * static_cast<double>(eighth), zoom = std::sqrt(0.5);
    // Counter-clockwise, with y downwards.
    const torch::Tensor from_x = zoom * (x * std::cos(angle) - y * std::sin(angle));
    const torch::Tensor from_y = zoom * (x * std::sin(angle) + y * std::cos(angle));
    EXPECT_LT(largest_difference(probe.seen[2 * eighth + 1][2], from_x + 3 * from_y),
              tolerance::kRounding64)
        << eighth;
  }
}

TEST(Rotation, OneDrawnAngleOfASampleIsOneOfItsVersions) {
  ProbeBackbone probe;
  const auto all = make_task("rotation", probe),
             drawn = make_task("rotation", probe, "shown: drawn");
  const LaneInput views = make_input(*all, 30);
  all->run(probe, views);
  const torch::Tensor versions = probe.seen.view({4, 30, 3, 12, 12});
  score_by_number(*drawn, "classifier.bias");
  const std::vector<int64_t> answer = answers(drawn->run(probe, views).losses, 4);
  ASSERT_EQ(probe.seen.size(0), 30);
  std::set<int64_t> seen(answer.begin(), answer.end());
  EXPECT_EQ(seen.size(), 4U);
  for (int64_t i = 0; i < 30; ++i)
    EXPECT_TRUE(probe.seen[i].equal(versions[answer[static_cast<size_t>(i)]][i]));
}

TEST(Rotation, RefusesViewsThatAreNotSquare) {
  const image::ViewShape input{3, 12, 16};
  const auto backbone = tiny_backbone(model::Norm::kNone, input);
  EXPECT_THROW(make_task("rotation", *backbone, "", input), Error);
}

TEST(Supervised, RefusesDataWithoutLabels) {
  const auto backbone = tiny_backbone(model::Norm::kNone);
  EXPECT_THROW(Registry<Task>::create("supervised")->build({*backbone, {}, {kInput}, 0}), Error);
  EXPECT_THROW(Registry<Task>::create("supervised")->build({*backbone, {}, {kInput}, 1}), Error);
}

}  // namespace
}  // namespace espalier::pretext
