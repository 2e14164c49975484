// Losses of instance discrimination and distillation and their gradients beside lightly's and the papers' formulas
// in PyTorch, and ten steps of training: tests/golden/make_instance.py.
#include <gtest/gtest.h>

#include "golden_support.h"
#include "support/tolerance.h"

namespace espalier::pretext {
namespace {

constexpr int64_t kWidth = 5;
const image::ViewShape kVector{kWidth, 1, 1};  // an image of one pixel is its features

std::string options_of(const std::string& name, const json& options) {
  std::string text = name == "simsiam"    ? "bottleneck: 7, dimension: 4"
                     : name == "nnclr"    ? "predictor_hidden: 7, hidden: 7, dimension: 4, queue: 9"
                     : name == "moco_v2"  ? "hidden: 7, dimension: 4, queue: 9"
                     : name == "swav"     ? "hidden: 7, dimension: 4, prototypes: 3"
                     : name == "exemplar" ? ""
                     : name == "distill"  ? "hidden: 7"
                                          : "hidden: 7, dimension: 4";
  for (const auto& [key, value] : options.items())
    text += fmt::format("{}{}: {}", text.empty() ? "" : ", ", key, value.dump());
  return text;
}

// Queues hold patterns, and are full.
void fill_queues(Task& task) {
  for (auto& item : task.named_buffers()) {
    if (item.key().ends_with(".rows")) {
      const torch::Tensor rows = pattern(item.key(), item.value().sizes());
      item.value().copy_(rows / rows.norm(2, 1, true));
    }
    if (item.key().ends_with(".places")) item.value()[1].fill_(9);
  }
}

class InstanceGolden : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Losses, InstanceGolden,
                         testing::Values("byol", "simsiam", "moco_v2", "moco_v3", "nnclr", "swav",
                                         "exemplar", "distill"),
                         [](const auto& test) { return test.param; });

TEST_P(InstanceGolden, LossAndGradientEqualPyTorchs) {
  const std::vector<json> cases = golden_cases("instance.jsonl", GetParam());
  ASSERT_FALSE(cases.empty());
  for (const json& expected : cases) {
    ProbeBackbone probe;
    const auto task = make_task(GetParam(), probe, options_of(GetParam(), expected["options"]),
                                kVector, [] { return std::make_shared<ProbeBackbone>(); });
    set_to_patterns(*task);
    fill_queues(*task);
    const torch::Tensor x = tensor_of(expected["views"]).requires_grad_();
    const int64_t samples = x.size(1);
    LaneInput input = make_input(*task, samples, kVector);
    for (size_t view = 0; view < input.views.size(); ++view)
      input.views[view] = x[static_cast<int64_t>(view)].view({samples, kWidth, 1, 1});
    const torch::Tensor loss = total_loss(*task, probe, input) / static_cast<double>(samples);
    loss.backward();
    EXPECT_NEAR(loss.item<double>(), expected["loss"].get<double>(), tolerance::kDeep64)
        << expected["options"];
    const torch::Tensor gradient = tensor_of(expected["gradient"]);
    EXPECT_LT(largest_difference(x.grad(), gradient), tolerance::kDeep64) << expected["options"];
    EXPECT_GT(gradient.abs().max().item<double>(), 1e-3);
  }
}

class Trajectory : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Training, Trajectory, testing::Values("simclr", "byol"),
                         [](const auto& test) { return test.param; });

TEST_P(Trajectory, TenStepsOfSgdEqualPyTorchs) {
  const std::vector<json> cases = golden_cases("instance.jsonl", GetParam() + "_trajectory");
  ASSERT_EQ(cases.size(), 1U);
  expect_trajectory(cases[0], GetParam(),
                    GetParam() == "byol" ? "hidden: 7, dimension: 4, momentum: 0.9"
                                         : "hidden: 7, dimension: 4, temperature: 0.5");
}

}  // namespace
}  // namespace espalier::pretext
