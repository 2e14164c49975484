#include "optim/schedule.h"

#include <gtest/gtest.h>

#include <cmath>

#include "config/document.h"
#include "support/tolerance.h"

namespace espalier::optim {
namespace {

std::shared_ptr<Schedule> make(const std::string& name, const std::string& options = "") {
  auto schedule = Registry<Schedule>::create(name);
  config::Document::parse("schedule: {" + options + "}", "test")
      .bind("schedule", schedule->fields());
  return schedule;
}

TEST(Cosine, FallsFromOneThroughTheMiddleToItsEnd) {
  const auto cosine = make("cosine", "end: 0.2");
  EXPECT_EQ(cosine->factor(0, 100), 1);
  EXPECT_NEAR(cosine->factor(50, 100), 0.6, tolerance::kRounding64);
  EXPECT_NEAR(cosine->factor(100, 100), 0.2, tolerance::kRounding64);
  for (int64_t step = 1; step < 100; ++step)
    EXPECT_LT(cosine->factor(step, 100), cosine->factor(step - 1, 100));
}

TEST(Cosine, WarmsUpLinearlyAndReachesOne) {
  const auto cosine = make("cosine", "warmup: 0.1");
  for (int64_t step = 0; step < 10; ++step)
    EXPECT_DOUBLE_EQ(cosine->factor(step, 100), static_cast<double>(step + 1) / 10);
  EXPECT_EQ(cosine->factor(10, 100), 1);
  EXPECT_LT(cosine->factor(11, 100), 1);
}

TEST(Step, DropsAtEachMilestoneAndNotBefore) {
  const auto step = make("step", "milestones: [0.5, 0.75], gamma: 0.1");
  EXPECT_EQ(step->factor(0, 100), 1);
  EXPECT_EQ(step->factor(49, 100), 1);
  EXPECT_DOUBLE_EQ(step->factor(50, 100), 0.1);
  EXPECT_DOUBLE_EQ(step->factor(74, 100), 0.1);
  EXPECT_DOUBLE_EQ(step->factor(75, 100), 0.01);
  EXPECT_DOUBLE_EQ(step->factor(99, 100), 0.01);
}

TEST(Step, WithoutMilestonesIsConstant) {
  const auto step = make("step");
  for (int64_t at : {0, 1, 99}) EXPECT_EQ(step->factor(at, 100), 1);
}

TEST(Constant, IsOneAtEveryStep) {
  const auto constant = make("constant");
  for (int64_t at : {0, 1, 99}) EXPECT_EQ(constant->factor(at, 100), 1);
}

TEST(Schedule, EveryOneStaysFiniteInZeroToOneOnRunsOfAnyLength) {
  for (const std::string& name : Registry<Schedule>::names())
    for (const int64_t total : {1, 2, 3, 1000})
      for (const char* warmup : {"0", "0.5", "1"}) {
        const auto schedule = Registry<Schedule>::create(name);
        config::Document::parse(std::string("s: {warmup: ") + warmup + "}", "test")
            .fill("s", schedule->fields());
        for (int64_t step = 0; step < total; ++step) {
          const double factor = schedule->factor(step, total);
          EXPECT_TRUE(factor >= 0 && factor <= 1) << name << " " << step << " of " << total;
        }
      }
}

}  // namespace
}  // namespace espalier::optim
