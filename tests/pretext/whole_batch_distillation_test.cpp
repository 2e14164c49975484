// What DINOv2 and SimDINO compare over the whole batch.
#include <gtest/gtest.h>

#include "dino_golden.h"
#include "pretext/blocks/coding_rate.h"
#include "pretext/blocks/koleo.h"
#include "pretext/blocks/sinkhorn.h"
#include "pretext_support.h"
#include "support/tolerance.h"

namespace espalier::pretext {
namespace {

TEST(Koleo, EqualsLightlysInValueAndGradient) {
  const auto expected = dino_golden("koleo").at(0);
  const torch::Tensor x = tensor_of(expected["x"]).requires_grad_();
  const torch::Tensor loss = koleo(x, 0, 6) / 6;
  loss.backward();
  EXPECT_NEAR(loss.item<double>(), expected["loss"].get<double>(), tolerance::kRounding64);
  EXPECT_LT(largest_difference(x.grad(), tensor_of(expected["gradient"])), tolerance::kRounding64);
  EXPECT_NEAR((koleo(x, 0, 1) + koleo(x, 1, 6)).item<double>() / 6, loss.item<double>(),
              tolerance::kRounding64);
}

TEST(CodingRate, EqualsTheLogarithmOfTheDeterminant) {
  for (const auto& expected : dino_golden("coding_rate")) {
    const torch::Tensor z = tensor_of(expected["z"]).requires_grad_();
    const torch::Tensor rate = coding_rate(z, 0.5, {0, 2}) + coding_rate(z, 0.5, {1, 2});
    rate.backward();
    EXPECT_NEAR(rate.item<double>(), expected["rate"].get<double>(), tolerance::kRounding64);
    EXPECT_LT(largest_difference(z.grad(), tensor_of(expected["gradient"])),
              tolerance::kRounding64);
  }
}

TEST(DinoV2, CodesEqualLightlys) {
  const auto expected = dino_golden("sinkhorn").at(0);
  const torch::Tensor codes = sinkhorn(tensor_of(expected["scores"]) / 0.07, 1, 3);
  EXPECT_LT(largest_difference(codes, tensor_of(expected["codes"])), tolerance::kRounding64);
}

// Scores of rows by prototypes of length 1.
torch::Tensor scores(Task& task, const std::string& head, const torch::Tensor& rows) {
  const torch::Tensor weight = task.named_parameters()[head + ".prototypes"];
  return torch::mm(rows, (weight / weight.norm(2, 1, true)).t());
}

// The slow twin of compare(): one pair, one patch at a time.
TEST(DinoV2, LossIsThatOfEveryPairAndPatch) {
  constexpr int64_t kSamples = 4, kViews = 3, kWidth = 8, kSlots = 5;  // of 9 patches
  const auto backbone = tiny_vit();
  const auto task = make_task("dinov2", *backbone, "local_crops: 1, koleo_weight: 0.3");
  const LaneInput input = make_input(*task, kSamples);
  const LaneOutput output = task->run(*backbone, input);
  const torch::NoGradGuard no_grad;
  const torch::Tensor &z = output.embeddings, &teacher = output.detached;
  const auto row = [&](const torch::Tensor& of, int64_t sample, int64_t index) {
    return of[sample].narrow(0, index * kWidth, kWidth);
  };
  const auto held = [&](int64_t sample, int64_t view) {
    return teacher[sample][(2 + 2 * kSlots) * kWidth + view].item<int64_t>();
  };
  std::vector<torch::Tensor> crops, patches;
  for (int64_t i = 0; i < kSamples; ++i)
    for (int64_t view = 0; view < 2; ++view) {
      crops.push_back(row(teacher, i, view));
      for (int64_t slot = 0; slot < held(i, view); ++slot)
        patches.push_back(row(teacher, i, 2 + view * kSlots + slot));
    }
  const torch::Tensor codes = sinkhorn(scores(*task, "teacher_head", torch::stack(crops)), 1, 3);
  const torch::Tensor patch_codes =
      sinkhorn(scores(*task, "teacher_patch_head", torch::stack(patches)), 1, 3);
  const auto cross = [&](const torch::Tensor& code, const char* head, const torch::Tensor& own) {
    const torch::Tensor log = (scores(*task, head, own.unsqueeze(0)) / 0.1).log_softmax(1);
    return -(code * log[0]).sum().item<double>();
  };
  double loss = 0;
  int64_t patch = 0;
  for (int64_t i = 0; i < kSamples; ++i)
    for (int64_t view = 0; view < 2; ++view) {
      for (int64_t other = 0; other < kViews; ++other)
        if (other != view) loss += cross(codes[2 * i + view], "head", row(z, i, other)) / 4;
      for (int64_t slot = 0; slot < held(i, view); ++slot)
        loss +=
            cross(patch_codes[patch++], "patch_head", row(z, i, kViews + view * kSlots + slot)) /
            static_cast<double>(2 * held(i, view));
    }
  EXPECT_GT(patch, 0);
  for (int64_t view = 0; view < 2; ++view)
    loss += 0.3 *
            koleo(z.narrow(1, (kViews + 2 * kSlots) * kWidth + view * kWidth, kWidth), 0, kSamples)
                .item<double>();
  EXPECT_NEAR(task->compare(gathered(output, input), {}).sum.item<double>(), loss,
              tolerance::kRounding64 * loss);
}

TEST(DinoV2, TakesABatchWithoutMaskedPatches) {
  const auto backbone = tiny_vit();
  const auto task = make_task("dinov2", *backbone, "local_crops: 0, mask_probability: 0");
  const torch::Tensor loss = total_loss(*task, *backbone, make_input(*task, 4));
  loss.backward();
  EXPECT_TRUE(loss.isfinite().item<bool>());
}

TEST(SimDino, RateOfACollapsedNetworkIsWhatTheHeaderSays) {
  const auto backbone = tiny_backbone(model::Norm::kNone);
  const auto task = make_task("simdino", *backbone, "dimension: 6");
  const torch::Tensor same = torch::zeros({9, 12}, torch::kDouble);
  same.select(1, 0).fill_(1);
  same.select(1, 6).fill_(1);
  EXPECT_NEAR(task->compare({.embeddings = same}, {}).metrics[0].second.item<double>(),
              std::log(1 + 6 / 0.5) / 2, tolerance::kRounding64);
  const torch::Tensor spread = torch::eye(6, torch::kDouble).repeat({2, 2});
  EXPECT_NEAR(task->compare({.embeddings = spread}, {}).metrics[0].second.item<double>(),
              6 * std::log(1 + 1 / 0.5) / 2, tolerance::kRounding64);
}

}  // namespace
}  // namespace espalier::pretext
