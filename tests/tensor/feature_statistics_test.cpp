#include "tensor/feature_statistics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "feature_cases.h"

namespace espalier::tensor {
namespace {

// As kRounding64, but of a spectrum: singular values of one matrix are squared, or whitened by one
// whose condition is 1e4, and logarithms of the smallest are summed.
constexpr double kSpectrum64 = 1e-10;

TEST(FeatureStatistics, AreThoseOfNumPyAndSciPyForManyImagesAndForFew) {
  const auto cases = health_cases("health");
  ASSERT_EQ(cases.size(), 6U);
  for (const nlohmann::json& expected : cases) {
    const std::string kind = expected["kind"];
    const int64_t n = expected["images"], d = expected["width"];
    SCOPED_TRACE(kind + " " + std::to_string(n));
    const torch::Tensor x = features_of_kind(kind, n, d), views = views_of_kind(kind, 3, n, d);
    EXPECT_NEAR(feature_deviation(x), expected["feature_deviation"], kSpectrum64);
    EXPECT_NEAR(rank_me(x), expected["rank_me"], kSpectrum64);
    EXPECT_NEAR(effective_rank(x), expected["effective_rank"], kSpectrum64);
    EXPECT_NEAR(lidar(views), expected["lidar"], kSpectrum64);
    EXPECT_NEAR(alignment(views.slice(0, 0, 2)), expected["alignment"], kSpectrum64);
    EXPECT_NEAR(uniformity(x), expected["uniformity"], kSpectrum64);
  }
}

TEST(FeatureStatistics, OfACollapseAreZeroAndOne) {
  const torch::Tensor same = pattern({1, 8}, 1).expand({20, 8});
  EXPECT_NEAR(feature_deviation(same), 0, 1e-15);
  EXPECT_NEAR(rank_me(same), 1, 1e-9);
  EXPECT_NEAR(uniformity(same), 0, 1e-12);
  EXPECT_EQ(rank_me(torch::zeros({20, 8})), 0);
  EXPECT_EQ(feature_deviation(torch::zeros({20, 8})), 0);
}

TEST(FeatureStatistics, ReachTheirBoundsOnIsotropicFeatures) {
  const torch::Tensor axes = torch::cat({torch::eye(6), -torch::eye(6)}).to(torch::kDouble);
  EXPECT_NEAR(rank_me(axes), static_cast<double>(rank_bound(12, 6)), kSpectrum64);
  EXPECT_NEAR(effective_rank(axes), 6, kSpectrum64);
  EXPECT_NEAR(feature_deviation(axes), isotropic_deviation(6) * std::sqrt(12.0 / 11), kSpectrum64);
  // Fewer images than dimensions.
  EXPECT_NEAR(rank_me(torch::eye(9).slice(0, 0, 4)), static_cast<double>(rank_bound(4, 9)),
              kSpectrum64);
}

TEST(FeatureStatistics, OfPairsDoNotDependOnHowManyAreHeldAtOnce) {
  const torch::Tensor x = pattern({1100, 3}, 1);
  const torch::Tensor sphere = x / x.norm(2, 1, true);
  const double slow = torch::pdist(sphere).square().mul(-2).exp().mean().log().item<double>();
  EXPECT_NEAR(uniformity(x), slow, kSpectrum64);
}

TEST(FeatureStatistics, OfWhatIsNotFiniteAreUnknown) {
  torch::Tensor x = pattern({10, 4}, 1).clone();
  x[3][2] = std::nan("");
  for (const double value : {feature_deviation(x), rank_me(x), effective_rank(x), uniformity(x),
                             lidar(torch::stack({x, x})), alignment(torch::stack({x, x}))})
    EXPECT_TRUE(std::isnan(value));
  EXPECT_TRUE(std::isnan(rank_me(torch::empty({0, 4}))));
}

}  // namespace
}  // namespace espalier::tensor
