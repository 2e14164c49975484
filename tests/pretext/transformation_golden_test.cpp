// Transformation prediction beside the papers' formulas in PyTorch
// (tests/golden/make_transformations.py): losses, their gradients in every pixel, and ten steps.
#include "classic_support.h"
#include "golden_support.h"

namespace espalier::pretext {
namespace {

class TransformationGolden : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Losses, TransformationGolden,
                         testing::Values("jigsaw", "relative_patch", "transform"),
                         [](const auto& test) { return test.param; });

TEST_P(TransformationGolden, LossAndGradientEqualPyTorchs) {
  const image::ViewShape shape{3, 20, 20};
  const std::vector<json> cases = golden_cases("transformations.jsonl", GetParam());
  ASSERT_EQ(cases.size(), 3U);
  for (const json& expected : cases) {
    std::string options = GetParam() == "transform" ? "" : "hidden: 5, ";
    for (const auto& [key, value] : expected["options"].items())
      options += fmt::format("{}: {}, ", key, value.dump());
    FlatBackbone backbone;
    const auto task = make_task(GetParam(), backbone, options, shape);
    set_to_patterns(*task);
    LaneInput input = make_input(*task, 6, shape);
    const torch::Tensor x = (pattern("views", {6, 3, 20, 20}) / 2).requires_grad_();
    input.views = {x};
    const torch::Tensor loss = task->run(backbone, input).losses.mean();
    loss.backward();
    EXPECT_NEAR(loss.item<double>(), expected["loss"].get<double>(), tolerance::kDeep64) << options;
    const torch::Tensor slope = x.grad().flatten(), gradient = tensor_of(expected["gradient"]);
    EXPECT_LT(largest_difference(slope.slice(0, 0, std::nullopt, 23), gradient), tolerance::kDeep64)
        << options;
    EXPECT_NEAR(slope.norm().item<double>(), expected["length"].get<double>(), tolerance::kDeep64);
    EXPECT_GT(gradient.abs().max().item<double>(), 1e-3);
  }
}

TEST(Rotation, TenStepsOfSgdEqualPyTorchs) {
  expect_trajectory(golden("transformations.jsonl", "rotation_trajectory"), "rotation", "");
}

}  // namespace
}  // namespace espalier::pretext
