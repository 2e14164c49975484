#include <gtest/gtest.h>

#include "classic_support.h"
#include "support/tolerance.h"

namespace espalier::pretext {
namespace {

// Which of `versions` of each image the backbone saw, and which the task calls right.
void expect_versions(const std::string& op, const image::ViewShape& input,
                     const std::function<std::vector<torch::Tensor>(torch::Tensor)>& versions) {
  ProbeBackbone probe;
  const auto task = make_task("transform", probe, "ops: [" + op + "]", input);
  score_by_number(*task, op + ".bias");
  const LaneInput views = make_input(*task, 40, input);
  const std::vector<torch::Tensor> expected = versions(views.views[0]);
  const auto count = static_cast<int64_t>(expected.size());
  const std::vector<int64_t> right = answers(task->run(probe, views).losses, count);
  std::vector<int64_t> times(expected.size());
  for (int64_t i = 0; i < 40; ++i) {
    const int64_t answer = right[static_cast<size_t>(i)];
    ++times[static_cast<size_t>(answer)];
    EXPECT_LT(largest_difference(probe.seen[i], expected[static_cast<size_t>(answer)][i]),
              tolerance::kRounding64)
        << op << " " << answer;
  }
  for (const int64_t each : times) EXPECT_GT(each, 0) << op;
}

TEST(Transform, ShowsTheVersionThatIsTheAnswer) {
  using Tensors = std::vector<torch::Tensor>;
  expect_versions("flip", {1, 5, 7}, [](const auto& x) { return Tensors{x, x.flip(3)}; });
  expect_versions("quarter_turn", {3, 6, 6}, [](const auto& x) {
    const torch::Tensor once = x.flip({3}).transpose(2, 3);
    return Tensors{x, once, x.flip({2, 3}), once.flip({2, 3})};
  });
  expect_versions("grey", {4, 4, 4}, [](const auto& x) {
    return Tensors{x, x.mean(1, true).repeat({1, 4, 1, 1})};
  });
  expect_versions("solarize", {3, 4, 4}, [](const auto& x) {
    return Tensors{x, torch::where(x > 0, -x, x)};
  });
  expect_versions("channel_order", {2, 4, 4}, [](const auto& x) { return Tensors{x, x.flip(1)}; });
}

TEST(Transform, BlurIsAGaussianAndLeavesOneColourAlone) {
  ProbeBackbone probe;
  const image::ViewShape input{1, 15, 15};
  const auto task = make_task("transform", probe, "ops: [blur], sigma: 1.5", input);
  LaneInput views = make_input(*task, 30, input);
  views.views[0] = torch::zeros_like(views.views[0]);
  views.views[0].select(2, 7).select(2, 7).fill_(1);
  task->run(probe, views);
  const torch::Tensor weights =
      torch::exp(-0.5 * (torch::arange(-5, 6, torch::kDouble) / 1.5).square());
  const torch::Tensor line = weights / weights.sum();
  const torch::Tensor spread = torch::outer(line, line);
  int64_t blurred = 0;
  for (int64_t i = 0; i < 30; ++i) {
    if (probe.seen[i].equal(views.views[0][i])) continue;
    ++blurred;
    const torch::Tensor seen = probe.seen[i][0].narrow(0, 2, 11).narrow(1, 2, 11);
    EXPECT_LT(largest_difference(seen, spread), tolerance::kRounding64);
  }
  EXPECT_GT(blurred, 5);
  views.views[0].fill_(0.7);
  task->run(probe, views);
  EXPECT_LT((probe.seen - 0.7).abs().max().item<double>(), tolerance::kRounding64);
}

// A ramp along columns shows the zoom as its slope.
TEST(Transform, ZoomEnlargesTheMiddle) {
  ProbeBackbone probe;
  const image::ViewShape input{1, 10, 10};
  const auto task = make_task("transform", probe, "ops: [zoom]", input);
  score_by_number(*task, "zoom.bias");
  LaneInput views = make_input(*task, 20, input);
  const torch::Tensor ramp = torch::arange(10, torch::kDouble) - 4.5;
  views.views[0] = ramp.expand({20, 1, 10, 10});
  const std::vector<int64_t> answer = answers(task->run(probe, views).losses, 3);
  const double shares[] = {0.9, 0.7, 0.5};
  for (int64_t i = 0; i < 20; ++i)
    EXPECT_LT(
        largest_difference(probe.seen[i][0][3], ramp * shares[answer[static_cast<size_t>(i)]]),
        tolerance::kRounding64);
}

TEST(Transform, OpsAreMadeOneAfterAnotherAndEachIsAskedFor) {
  FlatBackbone backbone;
  const auto task = make_task("transform", backbone, "ops: [flip, blur, zoom]");
  const LaneOutput output = task->run(backbone, make_input(*task, 5));
  std::vector<std::string> names;
  for (const auto& [name, values] : output.metrics) names.push_back(name);
  EXPECT_EQ(names, (std::vector<std::string>{"flip_accuracy", "blur_accuracy", "zoom_accuracy"}));
  EXPECT_THROW(make_task("transform", backbone, "ops: [flip, flip]"), Error);
  EXPECT_THROW(make_task("transform", backbone, "ops: []"), Error);
  EXPECT_THROW(make_task("transform", backbone, "", {3, 8, 9}), Error);
}

}  // namespace
}  // namespace espalier::pretext
