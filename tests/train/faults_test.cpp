#include "train/faults.h"

#include <gtest/gtest.h>

#include <chrono>
#include <csignal>

#include "core/error.h"

namespace espalier::train {
namespace {

TEST(FaultPlan, FiresAtItsRankAndStepOnly) {
  const FaultPlan plan("kill:rank=1,step=7;nan:rank=0,step=9;stall:step=4,rank=2;enospc:step=10");
  EXPECT_TRUE(plan.kills(1, 7));
  EXPECT_FALSE(plan.kills(0, 7));
  EXPECT_FALSE(plan.kills(1, 8));
  EXPECT_TRUE(plan.nan(0, 9));
  EXPECT_FALSE(plan.nan(1, 7));
  EXPECT_TRUE(plan.stalls(2, 4));
  EXPECT_TRUE(plan.enospc(0, 10));
  EXPECT_TRUE(plan.enospc(5, 10));
}

TEST(FaultPlan, AnEmptyTextHasNoFaults) {
  const FaultPlan plan("");
  for (int64_t step = 0; step < 20; ++step) {
    plan.at_step(0, step);
    EXPECT_FALSE(plan.nan(0, step) || plan.enospc(0, step));
  }
}

TEST(FaultPlan, BadTextIsAUsageErrorThatQuotesIt) {
  for (const char* bad : {"boom:step=1", "kill", "kill:rank=1", "kill:step=", "kill:step=7x",
                          "kill:step=-2", "kill:node=1,step=2", "nan:rank=0,step=9;kill:step"}) {
    try {
      FaultPlan plan(bad);
      ADD_FAILURE() << bad << " was taken";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), Kind::kUsage) << bad;
      EXPECT_NE(std::string(error.what()).find("ESPALIER_FAULT has '"), std::string::npos);
    }
  }
}

TEST(FaultPlanDeathTest, KillEndsTheProcessAtOnce) {
  const FaultPlan plan("kill:rank=0,step=3");
  EXPECT_EXIT(plan.at_step(0, 3), testing::KilledBySignal(SIGKILL), "");
}

}  // namespace
}  // namespace espalier::train
