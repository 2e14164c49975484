#include "layers/checkpoints.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "transfer/transfer_support.h"

namespace espalier::layers {
namespace {

using ::testing::HasSubstr;

// Six checkpoints whose probe rises; values are those of RankMe, LiDAR, alpha-ReQ and the loss.
CheckpointStudy rising(bool labels) {
  CheckpointStudy study;
  study.labels = labels;
  for (int64_t i = 0; i < 6; ++i) {
    const auto x = static_cast<double>(i);
    const double accuracy = labels ? 0.3 + 0.1 * x : std::nan("");
    study.rows.push_back({.step = 100 * (i + 1),
                          .probe = {accuracy, accuracy - 0.02, accuracy + 0.02},
                          .values = {5 + x, 9 - x, 3 - 0.3 * x, i % 2 == 0 ? 1.0 : 0.9}});
  }
  study.judge();
  return study;
}

const CheckpointStudy::Measure& of(const CheckpointStudy& study, const std::string& name) {
  for (const auto& measure : study.measures)
    if (measure.name == name) return measure;
  throw Error(Kind::kBug, "there is no {}", name);
}

TEST(Checkpoints, AreJudgedByTheOrderOfTheProbe) {
  const CheckpointStudy study = rising(true);
  EXPECT_EQ(of(study, "rank_me").with_probe.tau, 1);
  EXPECT_EQ(of(study, "rank_me").choice, 5U);
  EXPECT_THAT(of(study, "rank_me").verdict, HasSubstr("as the probe does"));
  EXPECT_EQ(of(study, "lidar").with_probe.tau, -1);
  EXPECT_EQ(of(study, "lidar").choice, 0U);
  EXPECT_THAT(of(study, "lidar").verdict, HasSubstr("the other way round"));
  // It comes nearer to 1.
  EXPECT_EQ(of(study, "alpha_req").with_probe.tau, 1);
  EXPECT_THAT(of(study, "loss").verdict, HasSubstr("undecided"));
  EXPECT_THAT(study.text(), HasSubstr("rank_me chooses step 600, 80.0 % by the probe"));
  EXPECT_EQ(study.json()["measures"]["lidar"]["chooses_step"], 100);
}

TEST(Checkpoints, AreChosenWithoutLabelsAndNotJudged) {
  const CheckpointStudy study = rising(false);
  EXPECT_EQ(of(study, "rank_me").choice, 5U);
  EXPECT_THAT(of(study, "rank_me").verdict, HasSubstr("no labels"));
  EXPECT_TRUE(std::isnan(of(study, "rank_me").with_probe.tau));
  EXPECT_THAT(study.text(), ::testing::Not(HasSubstr("nan")));
}

TEST(Checkpoints, OfARunWithoutAnyAreRefused) {
  const TempDir& temp = transfer::Sets::instance().temp;
  const std::string message = error_of(
      Kind::kUsage, [&] { CheckpointStudy::of({.run = temp / "run", .data = temp / "test"}); });
  EXPECT_THAT(message, HasSubstr("train.keep_checkpoints=20"));
}

}  // namespace
}  // namespace espalier::layers
