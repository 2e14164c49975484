// I-JEPA and SimMIM beside the papers' formulas in PyTorch (tests/golden/make_masked.py).
#include "golden_support.h"
#include "pretext/blocks/patch_masks.h"

namespace espalier::pretext {
namespace {

LaneInput input_of(int64_t step, const image::ViewShape& shape) {
  LaneInput input;
  input.views = {espalier::pattern({3, shape.channels, shape.height, shape.width}) * 4};
  input.samples = {10, 11, 12};
  input.epochs.assign(3, static_cast<uint64_t>(step));
  input.step = {.number = step, .total = 10, .seed = 9};
  return input;
}

// Ten steps of `task` beside those of case `name`.
void expect_golden(const std::string& name, const std::string& task_name,
                   const std::string& options, const image::ViewShape& shape) {
  const auto make = [&] { return tiny_vit(shape, /*patch=*/4, /*width=*/32); };
  const auto backbone = make();
  const auto task = make_task(task_name, *backbone, options, shape, make);
  fill_with_pattern(*backbone);
  fill_with_pattern(*task);
  expect_descent(golden("masked.jsonl", name), *task, *backbone,
                 [&](int64_t step) { return input_of(step, shape); });
}

TEST(IJepa, TenStepsOfDescentAreThoseOfAnotherImplementation) {
  expect_golden("ijepa", "ijepa",
                "targets: 2, context: 0.2, momentum: 0.7, predictor_width: 64, predictor_depth: 2",
                {3, 20, 24});
}

TEST(IJepa, MasksAreThoseOfAnotherImplementation) {
  const json expected = golden("masked.jsonl", "ijepa")["masks"];
  const model::Patches patches{.side = 4, .rows = 5, .columns = 6, .width = 32};
  const ContextAndTargets masks =
      context_and_targets(input_of(1, {3, 20, 24}), "ijepa.blocks", patches, /*kept=*/6,
                          /*targets=*/2, {0.85, 1, 1, 1}, {0.15, 0.2, 0.75, 1.5});
  for (int64_t i = 0; i < 3; ++i) {
    const json& of_sample = expected[static_cast<size_t>(i)];
    EXPECT_TRUE(masks.context[i].equal(tensor_of(of_sample[0]).to(torch::kLong)));
    EXPECT_TRUE(masks.targets[i].equal(tensor_of(of_sample[1]).to(torch::kLong)));
  }
}

TEST(SimMim, TenStepsOfDescentAreThoseOfAnotherImplementation) {
  expect_golden("simmim_of_patches", "simmim", "side: 8", {3, 20, 20});
}

TEST(SimMim, LossOfABackboneOfMapsIsThatOfAnotherImplementation) {
  const json expected = golden("masked.jsonl", "simmim_of_maps");
  const image::ViewShape shape{3, 13, 13};
  const auto backbone = tiny_backbone(model::Norm::kBatch, shape);
  const auto task = make_task("simmim", *backbone, "side: 3", shape);
  set_to_patterns(*backbone);
  set_to_patterns(*task);
  LaneInput input = input_of(0, shape);
  const torch::Tensor x = (4 * pattern("views", {3, 3, 13, 13})).requires_grad_();
  input.views = {x};
  const torch::Tensor losses = task->run(*backbone, input).losses;
  EXPECT_LT(largest_difference(losses, tensor_of(expected["losses"])), tolerance::kDeep64);
  losses.mean().backward();
  const torch::Tensor slope = x.grad().flatten(), gradient = tensor_of(expected["gradient"]);
  EXPECT_LT(largest_difference(slope.slice(0, 0, std::nullopt, 3), gradient), tolerance::kDeep64);
  EXPECT_NEAR(slope.norm().item<double>(), expected["length"].get<double>(), tolerance::kDeep64);
  EXPECT_GT(gradient.abs().max().item<double>(), 1e-4);
}

}  // namespace
}  // namespace espalier::pretext
