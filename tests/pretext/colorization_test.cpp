#include <gtest/gtest.h>

#include "classic_support.h"
#include "pretext/blocks/lab.h"
#include "support/tolerance.h"

namespace espalier::pretext {
namespace {

torch::Tensor colours(const nlohmann::json& rows) {
  std::vector<double> values;
  for (const auto& row : rows)
    for (const auto& value : row) values.push_back(value.get<double>());
  return torch::tensor(values, torch::kDouble).view({-1, 3, 1, 1});
}

TEST(Lab, IsThatOfScikitImagesFormulas) {
  const auto golden = classic_golden("lab");
  EXPECT_LT(
      (rgb_to_lab(colours(golden["rgb"])) - colours(golden["lab"])).abs().max().item<double>(),
      100 * tolerance::kRounding64);  // L, a and b are of size 100
}

TEST(Lab, ClassesAreTheSquaresThatHoldAColourOf8Bits) {
  const auto golden = classic_golden("ab_bins")["bins"];
  ASSERT_EQ(ab_bins().size(), golden.size());
  for (size_t i = 0; i < golden.size(); ++i)
    EXPECT_EQ((std::vector{ab_bins()[i][0], ab_bins()[i][1]}),
              golden[i].get<std::vector<double>>());
}

TEST(Lab, QuantisedIsTheNearestClass) {
  torch::manual_seed(1);
  const torch::Tensor ab = torch::rand({1, 2, 10, 10}, torch::kDouble) * 300 - 150;
  const torch::Tensor classes = quantised_ab(ab);
  for (int64_t class_of = 0; class_of < static_cast<int64_t>(ab_bins().size()); ++class_of) {
    const auto& [a, b] = ab_bins()[static_cast<size_t>(class_of)];
    const torch::Tensor middle =
        torch::tensor({a + 4.9, b - 4.9}, torch::kDouble).view({1, 2, 1, 1});
    EXPECT_EQ(quantised_ab(middle).item<int64_t>(), class_of);
  }
  EXPECT_GE(classes.min().item<int64_t>(), 0);
  EXPECT_LT(classes.max().item<int64_t>(), static_cast<int64_t>(ab_bins().size()));
}

// One colour a sample, normalised by mean 0.5 and deviation 0.25.
LaneInput one_colour_each(const Task& task, const torch::Tensor& rgb) {
  LaneInput views = make_input(task, rgb.size(0));
  views.views[0] = ((rgb - 0.5) / 0.25).expand({rgb.size(0), 3, 12, 12});
  return views;
}

TEST(Colorization, ShowsLightnessInAllChannelsAsTheDataAreNormalised) {
  ProbeBackbone probe;
  const auto task = make_task("colorization", probe);
  const auto golden = classic_golden("lab");
  task->run(probe, one_colour_each(*task, colours(golden["rgb"])));
  const torch::Tensor lightness = colours(golden["lab"]).narrow(1, 0, 1) / 100;
  EXPECT_LT(largest_difference(probe.seen * 0.25 + 0.5, lightness.expand({-1, 3, 12, 12})),
            tolerance::kRounding64);
}

TEST(Colorization, TheAnswerIsTheClassOfTheColour) {
  const auto backbone = tiny_backbone(model::Norm::kNone);
  const auto task = make_task("colorization", *backbone);
  const auto count = static_cast<int64_t>(ab_bins().size());
  score_by_number(*task, "classifier.bias");
  const torch::Tensor rgb = colours(classic_golden("lab")["rgb"]);
  const torch::Tensor ab = colours(classic_golden("lab")["lab"]).narrow(1, 1, 2);
  const auto right = answers(task->run(*backbone, one_colour_each(*task, rgb)).losses, count);
  const torch::Tensor expected = quantised_ab(ab).flatten();
  for (int64_t i = 0; i < expected.numel(); ++i)
    EXPECT_EQ(right[static_cast<size_t>(i)], expected[i].item<int64_t>()) << i;
}

TEST(Colorization, AHeadThatKnowsNothingLosesTheLogarithmOfItsClassesRebalancedOrNot) {
  const auto backbone = tiny_backbone(model::Norm::kBatch);
  for (const char* options : {"", "rebalance: true"}) {
    const auto task = make_task("colorization", *backbone, options);
    for (torch::Tensor& weight : task->parameters()) weight.detach().zero_();
    const torch::Tensor losses = task->run(*backbone, make_input(*task, 3)).losses;
    EXPECT_LT((losses - std::log(ab_bins().size())).abs().max().item<double>(),
              tolerance::kRounding64);
  }
}

TEST(Colorization, RebalancedFrequentColoursWeighLess) {
  const auto backbone = tiny_backbone(model::Norm::kNone);
  const auto task = make_task("colorization", *backbone, "rebalance: true");
  for (torch::Tensor& weight : task->parameters()) weight.detach().zero_();
  const torch::Tensor rgb =
      torch::tensor({1.0, 0.0, 0.0, 0.0, 0.0, 1.0}, torch::kDouble).view({2, 3, 1, 1});
  const LaneInput both = one_colour_each(*task, rgb);
  const LaneInput red = one_colour_each(*task, rgb.narrow(0, 0, 1));
  const torch::NoGradGuard no_grad;
  const Gathered seen = gathered(task->run(*backbone, red), red);
  for (int step = 0; step < 300; ++step) task->after_step(*backbone, {}, seen);
  const torch::Tensor losses = task->run(*backbone, both).losses;
  // Red has been seen 300 times with a momentum of 0.99, from a frequency that is a number of f32.
  const auto count = static_cast<double>(ab_bins().size());
  const double rare = std::pow(0.99, 300) / count, frequent = 1 - rare * (count - 1);
  const double expected = (frequent / 2 + 0.5 / count) / (rare / 2 + 0.5 / count);
  EXPECT_NEAR((losses[1] / losses[0]).item<double>() / expected, 1, tolerance::kRounding32);
}

}  // namespace
}  // namespace espalier::pretext
