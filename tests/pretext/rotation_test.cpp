#include <gtest/gtest.h>

#include "pretext_support.h"
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
