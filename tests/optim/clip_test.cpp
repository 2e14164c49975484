#include "optim/clip.h"

#include <gtest/gtest.h>
#include <torch/torch.h>

namespace espalier::optim {
namespace {

TEST(Clip, ScalesAllGradientsToTheNormThatTheyMayHaveTogether) {
  const std::vector<at::Tensor> gradients = {torch::full({2, 2}, 3.0), torch::full({1}, 8.0)};
  const double norm = norm_of(gradients).item<double>();
  EXPECT_DOUBLE_EQ(norm, 10);
  clip(gradients, norm, 5);
  EXPECT_TRUE(gradients[0].equal(torch::full({2, 2}, 1.5)));
  EXPECT_TRUE(gradients[1].equal(torch::full({1}, 4.0)));
}

TEST(Clip, LeavesSmallerGradientsAsTheyAre) {
  const std::vector<at::Tensor> gradients = {torch::rand({7})};
  const at::Tensor before = gradients[0].clone();
  clip(gradients, norm_of(gradients).item<double>(), 100);
  EXPECT_TRUE(gradients[0].equal(before));
  EXPECT_EQ(norm_of({}).item<double>(), 0);
}

}  // namespace
}  // namespace espalier::optim
