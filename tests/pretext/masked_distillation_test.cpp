#include "pretext/blocks/masked_distillation.h"

#include <gtest/gtest.h>

#include "dino_golden.h"
#include "pretext/blocks/centre.h"
#include "pretext/blocks/cross_view.h"
#include "pretext_support.h"
#include "support/error_of.h"
#include "support/tolerance.h"

namespace espalier::pretext {
namespace {

using nlohmann::json;

TEST(MaskedPatches, LossGradientAndCentreEqualLightlysIbotLoss) {
  const std::vector<json> batches = dino_golden("ibot");
  ASSERT_EQ(batches.size(), 2U);
  Centre centre(5, 0.8);
  centre->to(torch::kDouble);
  for (const json& expected : batches) {
    const torch::Tensor scores = tensor_of(expected["teacher"]);
    const torch::Tensor student = tensor_of(expected["student"]).requires_grad_();
    const torch::Tensor errors =
        -(centre->sharpened(scores, 0.05) * (student / 0.1).log_softmax(1)).sum(1);
    const torch::Tensor loss =
        mean_of_masked(errors, tensor_of(expected["mask"]).to(torch::kBool)).mean();
    loss.backward();
    EXPECT_NEAR(loss.item<double>(), expected["loss"].get<double>(), tolerance::kRounding64);
    EXPECT_LT(largest_difference(student.grad(), tensor_of(expected["gradient"])),
              tolerance::kRounding64);
    centre->move(CentreImpl::sums(scores));
    EXPECT_LT(largest_difference(centre->named_buffers()["value"], tensor_of(expected["centre"])),
              tolerance::kRounding64);
  }
}

TEST(MaskedPatches, MeanIsZeroWithoutAny) {
  const torch::Tensor none = torch::zeros({0}, torch::kDouble).requires_grad_();
  const torch::Tensor mean = mean_of_masked(none, torch::zeros({3, 4}, torch::kBool));
  EXPECT_EQ(mean.abs().max().item<double>(), 0);
  mean.sum().backward();
}

LaneInput samples(int64_t count) {
  LaneInput input;
  input.step.seed = 5;
  input.labels = torch::zeros({count}, torch::kLong);
  for (int64_t i = 0; i < count; ++i) {
    input.samples.push_back(i);
    input.epochs.push_back(static_cast<uint64_t>(i % 3));
  }
  return input;
}

TEST(BlockMasks, HaveTheNumberOfPatchesThatWasAsked) {
  const model::Patches patches{.side = 1, .rows = 6, .columns = 9, .width = 1};
  for (const auto& [share, count] : {std::pair{0.0, 1}, {0.1, 5}, {0.5, 27}, {1.0, 54}}) {
    const BlockMaskOptions options{.probability = 1, .least = share, .most = share};
    const torch::Tensor masks = block_masks(samples(20), "test", 2, patches, options);
    EXPECT_TRUE(masks.sum(1).eq(count).all().item<bool>()) << share;
    EXPECT_EQ(options.most_patches(patches), count);
  }
}

TEST(BlockMasks, AreBlocks) {
  const model::Patches patches{.side = 1, .rows = 14, .columns = 14, .width = 1};
  const BlockMaskOptions options{.probability = 1, .least = 0.3, .most = 0.3};
  const torch::Tensor masks =
      block_masks(samples(50), "test", 1, patches, options).view({50, 14, 14});
  // Of the right neighbours of a masked patch; single patches would have 0.3 of them masked.
  const torch::Tensor left = masks.slice(2, 0, 13), right = masks.slice(2, 1);
  EXPECT_GT((left & right).sum().item<double>() / left.sum().item<double>(), 0.6);
}

TEST(BlockMasks, MaskTheSharesOfViewsAndPatchesThatTheOptionsSay) {
  constexpr int64_t kSamples = 1000;
  const model::Patches patches{.side = 1, .rows = 10, .columns = 10, .width = 1};
  const torch::Tensor counts =
      block_masks(samples(kSamples), "test", 1, patches, {}).sum(1).to(torch::kDouble);
  const torch::Tensor masked = counts.masked_select(counts > 0);
  const double deviation = 0.5 / std::sqrt(kSamples);
  EXPECT_NEAR(static_cast<double>(masked.size(0)) / kSamples, 0.5,
              tolerance::kDeviations * deviation);
  EXPECT_NEAR(masked.mean().item<double>(), 30,
              tolerance::kDeviations * 40 / std::sqrt(12.0 * kSamples / 2));
  EXPECT_GE(masked.min().item<double>(), 10);
  EXPECT_LE(masked.max().item<double>(), 50);
}

TEST(BlockMasks, DependOnTheSampleAndTheViewAlone) {
  const model::Patches patches{.side = 1, .rows = 6, .columns = 6, .width = 1};
  const BlockMaskOptions options{.probability = 1};
  const auto draw = [&](const LaneInput& input) {
    return block_masks(input, "test", 2, patches, options).unflatten(0, {2, -1});
  };
  const torch::Tensor all = draw(samples(6));
  EXPECT_FALSE(all[0].equal(all[1]));
  EXPECT_FALSE(all[0][0].equal(all[0][3]));
  EXPECT_TRUE(draw(select(samples(6), {4, 1})).equal(all.index_select(1, torch::tensor({4, 1}))));
}

// The mask hides pixels from the student and not from the teacher.
TEST(Ibot, StudentDoesNotSeeWhatIsMasked) {
  const auto backbone = tiny_vit();
  const auto task = make_task("ibot", *backbone, "local_crops: 0, mask_probability: 1");
  const LaneInput input = make_input(*task, 2);
  const BlockMaskOptions options{.probability = 1};
  const torch::Tensor mask =
      block_masks(input, "block_mask", 2, *backbone->patches(kInput), options)
          .view({2, 2, 1, 3, 3})
          .repeat_interleave(4, 3)
          .repeat_interleave(4, 4);
  LaneInput moved = input;
  for (size_t view = 0; view < 2; ++view) {
    moved.views[view] = input.views[view] + mask[static_cast<int64_t>(view)];
    moved.views[view].requires_grad_();
  }
  const LaneOutput output = task->run(*backbone, moved);
  output.losses.sum().backward();
  for (size_t view = 0; view < 2; ++view) {
    const torch::Tensor gradient = moved.views[view].grad();
    const torch::Tensor hidden = mask[static_cast<int64_t>(view)].expand_as(gradient);
    EXPECT_EQ(gradient.masked_select(hidden).abs().max().item<double>(), 0);
    EXPECT_GT(gradient.masked_select(~hidden).abs().max().item<double>(), 0);
  }
  EXPECT_FALSE(output.sums.equal(task->run(*backbone, input).sums));
}

TEST(Ibot, RefusesABackboneOfMaps) {
  const auto backbone = tiny_backbone(model::Norm::kNone);
  for (const char* task : {"ibot", "dinov2"})
    EXPECT_NE(error_of(Kind::kUsage, [&] { make_task(task, *backbone); }).find(task),
              std::string::npos);
}

}  // namespace
}  // namespace espalier::pretext
