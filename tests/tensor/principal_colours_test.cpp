#include "tensor/principal_colours.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

#include <cmath>

#include "feature_cases.h"

namespace espalier::tensor {
namespace {

TEST(PrincipalColours, ShowTheLargestVarianceAsRedInOneScaleForAllImages) {
  torch::Tensor maps = pattern({2, 4, 5, 6}, 1) / 100;
  const torch::Tensor ramp = torch::arange(40, torch::kDouble).view({2, 4, 5});
  maps.select(3, 2) += ramp;
  const torch::Tensor colours = principal_colours(maps);
  ASSERT_EQ(colours.sizes(), (std::vector<int64_t>{2, 4, 5, 3}));
  const torch::Tensor red = colours.select(3, 0).flatten().to(torch::kLong);
  EXPECT_TRUE(red.diff().ge(0).all().item<bool>());  // as the ramp, and not mirrored
  EXPECT_EQ(red[0].item<int64_t>(), 0);
  EXPECT_EQ(red[39].item<int64_t>(), 255);
}

TEST(PrincipalColours, AreGreyWhereThereIsNothingToSee) {
  torch::Tensor maps = torch::full({1, 2, 2, 5}, 3.0, torch::kDouble);
  EXPECT_TRUE(principal_colours(maps).eq(128).all().item<bool>());
  maps[0][0][0][0] = std::nan("");
  EXPECT_TRUE(principal_colours(maps).eq(128).all().item<bool>());
  // Fewer channels than colours.
  EXPECT_TRUE(principal_colours(pattern({1, 3, 3, 2}, 1)).select(3, 2).eq(128).all().item<bool>());
}

}  // namespace
}  // namespace espalier::tensor
