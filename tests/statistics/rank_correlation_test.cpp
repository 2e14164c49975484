#include "statistics/rank_correlation.h"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

namespace espalier::statistics {
namespace {

TEST(RankCorrelation, IsKendallsTauOfSciPyWithTiesAndWithout) {
  std::ifstream file(ESPALIER_TEST_DATA "/golden/layers.jsonl");
  int64_t cases = 0;
  for (std::string line; std::getline(file, line);) {
    const auto expected = nlohmann::json::parse(line);
    if (expected["case"] != "kendall") continue;
    ++cases;
    const auto x = expected["x"].get<std::vector<double>>();
    const auto y = expected["y"].get<std::vector<double>>();
    EXPECT_NEAR(kendall_tau(x, y), expected["tau"], 1e-12);
    EXPECT_NEAR(kendall_tau(y, x), expected["tau"], 1e-12);
  }
  EXPECT_EQ(cases, 2);
}

TEST(RankCorrelation, OfOneOrderIsOneAndOfItsReverseMinusOne) {
  const std::vector<double> up = {1, 2, 3, 4, 5, 6}, down = {6, 5, 4, 3, 2, 1};
  const RankCorrelation same = rank_correlation(up, up), reversed = rank_correlation(up, down);
  EXPECT_EQ(same.n, 6);
  EXPECT_EQ(same.tau, 1);
  EXPECT_EQ(same.ends.low, 1);
  EXPECT_EQ(reversed.tau, -1);
  EXPECT_EQ(reversed.ends.high, -1);
}

TEST(RankCorrelation, OfNoiseReachesOverZero) {
  const std::vector<double> x = {1, 2, 3, 4, 5, 6, 7, 8}, y = {3, 1, 4, 8, 2, 6, 5, 7};
  const RankCorrelation found = rank_correlation(x, y);
  EXPECT_LT(found.ends.low, 0);
  EXPECT_GT(found.ends.high, found.tau);
  EXPECT_LT(found.ends.low, found.tau);
}

TEST(RankCorrelation, LeavesOutWhatIsNotKnown) {
  const double unknown = std::nan("");
  const std::vector<double> x = {1, unknown, 2, 3, 4}, y = {1, 7, 2, unknown, 3};
  EXPECT_EQ(rank_correlation(x, y).n, 3);
  EXPECT_EQ(kendall_tau(x, y), 1);
  EXPECT_TRUE(std::isnan(rank_correlation(x, y).ends.low));  // of fewer than five
  EXPECT_TRUE(std::isnan(kendall_tau(std::vector<double>{1, 1}, std::vector<double>{1, 2})));
  EXPECT_TRUE(std::isnan(kendall_tau({}, {})));
}

}  // namespace
}  // namespace espalier::statistics
