#include "pretext/blocks/cross_view.h"

#include <gtest/gtest.h>

#include "dino_golden.h"
#include "pretext/blocks/centre.h"
#include "pretext_support.h"
#include "support/tolerance.h"

namespace espalier::pretext {
namespace {

using nlohmann::json;

TEST(CrossView, LossGradientAndCentreEqualLightlysDinoLoss) {
  for (const char* name : {"dino_2", "dino_5"}) {
    const std::vector<json> batches = dino_golden(name);
    ASSERT_EQ(batches.size(), 2U);
    Centre centre(7, 0.8);
    centre->to(torch::kDouble);
    for (const json& expected : batches) {
      const torch::Tensor scores = tensor_of(expected["teacher"]);
      const torch::Tensor student = tensor_of(expected["student"]).requires_grad_();
      const CrossView loss =
          cross_view(centre->sharpened(scores, 0.05), (student / 0.1).log_softmax(-1));
      loss.losses.mean().backward();
      EXPECT_NEAR(loss.losses.mean().item<double>(), expected["loss"].get<double>(),
                  tolerance::kRounding64);
      EXPECT_LT(largest_difference(student.grad(), tensor_of(expected["gradient"])),
                tolerance::kRounding64);
      centre->move(CentreImpl::sums(scores.flatten(0, 1)));
      EXPECT_LT(largest_difference(centre->named_buffers()["value"], tensor_of(expected["centre"])),
                tolerance::kRounding64);
    }
  }
}

TEST(CrossView, DivergenceIsWhatTheLossHasAboveTheTeachersEntropy) {
  const torch::Tensor same = torch::tensor({0.5, 0.25, 0.25}, torch::kDouble).expand({2, 4, 3});
  const CrossView agreed = cross_view(same, same.log());
  EXPECT_LT(agreed.metrics[1].second.abs().max().item<double>(), tolerance::kRounding64);
  EXPECT_NEAR(agreed.metrics[0].second[0].item<double>(), 1.5 * std::log(2),
              tolerance::kRounding64);
  const torch::Tensor sure = torch::eye(3, torch::kDouble).expand({2, 3, 3});
  const CrossView unsure = cross_view(sure, torch::full({4, 3, 3}, 1. / 3, torch::kDouble).log());
  EXPECT_EQ(unsure.metrics[0].second.abs().max().item<double>(), 0);
  EXPECT_NEAR(unsure.metrics[1].second[0].item<double>(), std::log(3), tolerance::kRounding64);
}

TEST(Centre, IsTheMeanOfLanesOfAnySizeAndStaysWithoutRows) {
  const torch::Tensor rows = torch::randn({7, 5}, torch::kDouble);
  Centre whole(5, 0.5), parts(5, 0.5);
  whole->to(torch::kDouble);
  parts->to(torch::kDouble);
  whole->move(CentreImpl::sums(rows));
  parts->move(CentreImpl::sums(rows.slice(0, 0, 2)) + CentreImpl::sums(rows.slice(0, 2)));
  const torch::Tensor value = whole->named_buffers()["value"].clone();
  EXPECT_LT(largest_difference(parts->named_buffers()["value"], value), tolerance::kRounding64);
  EXPECT_LT(largest_difference(value, rows.mean(0) / 2), tolerance::kRounding64);
  whole->move(CentreImpl::sums(rows.slice(0, 0, 0)));
  EXPECT_TRUE(whole->named_buffers()["value"].equal(value));
}

}  // namespace
}  // namespace espalier::pretext
