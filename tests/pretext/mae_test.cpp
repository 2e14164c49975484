#include <gtest/gtest.h>

#include "golden_support.h"
#include "pretext/blocks/patch_masks.h"

namespace espalier::pretext {
namespace {

constexpr image::ViewShape kImages{3, 16, 16};
constexpr const char* kDecoder = "decoder_width: 64, decoder_depth: 2";

// A network of make_mae.py, and its step `number`.
struct Golden {
  explicit Golden(const std::string& options)
      : backbone(tiny_vit(kImages, 4, /*width=*/32)),
        task(make_task("mae", *backbone, options, kImages)) {
    fill_with_pattern(*backbone);
    fill_with_pattern(*task);
  }

  LaneInput input(int64_t number) const {
    LaneInput input;
    input.views = {espalier::pattern({3, 3, 16, 16}) * 4};
    input.samples = {10, 11, 12};
    input.epochs.assign(3, static_cast<uint64_t>(number));
    input.step.seed = 9;
    return input;
  }

  std::shared_ptr<model::Backbone> backbone;
  std::shared_ptr<Task> task;
};

TEST(Mae, TenStepsOfDescentAreThoseOfAnotherImplementation) {
  const Golden mae(kDecoder);
  expect_descent(golden("mae.jsonl", "descent"), *mae.task, *mae.backbone,
                 [&](int64_t step) { return mae.input(step); });
}

TEST(Mae, MasksAreKeyedBySampleAndEpoch) {
  const Golden mae(kDecoder);
  const PatchSplit split = random_split(mae.input(1), "mae.mask", 16, 4);
  const torch::Tensor order = torch::cat({split.kept, split.hidden}, 1);
  EXPECT_TRUE(order.equal(tensor_of(golden("mae.jsonl", "descent")["orders"]).to(torch::kLong)));
  EXPECT_TRUE(std::get<0>(order.sort(1)).equal(torch::arange(16).expand({3, 16})));
}

TEST(Mae, CrossDecoderAndPlainPixelsAreThoseOfAnotherImplementation) {
  const Golden mae(std::string(kDecoder) +
                   ", decoder: cross, normalise_pixels: false, predicted: 0.5");
  const torch::Tensor losses = mae.task->run(*mae.backbone, mae.input(0)).losses;
  EXPECT_LT(largest_difference(losses, tensor_of(golden("mae.jsonl", "cross")["losses"])),
            tolerance::kDeep64);
}

// Through the encoder only visible pixels count; hidden ones are targets.
TEST(Mae, BackboneSeesVisiblePatchesAlone) {
  const Golden mae(std::string(kDecoder) + ", normalise_pixels: false");
  LaneInput input = mae.input(0);
  torch::Tensor x = input.views[0].clone().requires_grad_();
  input.views[0] = x;
  const torch::Tensor loss = mae.task->run(*mae.backbone, input).losses.sum();
  const torch::Tensor slope = torch::autograd::grad({loss}, {x})[0];
  // In a hidden pixel the slope is 2 (x - prediction) / values, so that moving all hidden pixels by
  // d adds 2 d * mean(x - prediction) + d^2 and nothing more.
  const PatchSplit split = random_split(input, "mae.mask", 16, 4);
  torch::Tensor hidden = torch::zeros({3, 16}, torch::kDouble).scatter(1, split.hidden, 1.0);
  hidden = hidden.view({3, 1, 4, 4}).repeat_interleave(4, 2).repeat_interleave(4, 3);
  const double d = 0.5;
  input.views[0] = x.detach() + d * hidden;
  const torch::Tensor moved = mae.task->run(*mae.backbone, input).losses.sum();
  const double expected =
      loss.item<double>() + d * (slope * hidden).sum().item<double>() + 3 * d * d;
  EXPECT_NEAR(moved.item<double>(), expected, 1e-9);
}

TEST(Mae, LearnsAToySet) {
  const auto backbone = tiny_vit(kInput, 4, /*width=*/16);
  const auto task = make_task("mae", *backbone, "decoder_width: 16, mask_ratio: 0.5");
  LaneInput input = make_input(*task, 8);
  // Stripes, of another phase in each sample.
  const torch::Tensor phase = torch::arange(8, torch::kDouble).view({8, 1, 1, 1});
  input.views[0] =
      (torch::arange(12, torch::kDouble) * 0.8 + phase).sin().expand({8, 3, 12, 12}).contiguous();
  std::vector<torch::Tensor> parameters = backbone->parameters();
  for (const torch::Tensor& parameter : task->parameters()) parameters.push_back(parameter);
  torch::optim::AdamW optimizer(parameters, torch::optim::AdamWOptions(0.01));
  double first = 0, last = 0;
  for (int step = 0; step < 60; ++step) {
    input.epochs.assign(8, static_cast<uint64_t>(step));
    const torch::Tensor loss = task->run(*backbone, input).losses.mean();
    (step == 0 ? first : last) = loss.item<double>();
    optimizer.zero_grad();
    loss.backward();
    optimizer.step();
  }
  EXPECT_LT(last, 0.5 * first);
}

TEST(Mae, RefusesABackboneOfMapsAndImagesOfOnePatch) {
  const auto maps = tiny_backbone(model::Norm::kNone);
  EXPECT_THROW(make_task("mae", *maps), Error);
  const auto one = tiny_vit(kInput, /*patch=*/12);
  EXPECT_THROW(make_task("mae", *one), Error);
}

}  // namespace
}  // namespace espalier::pretext
