#include "optim/loss_scale.h"

#include <gtest/gtest.h>

namespace espalier::optim {
namespace {

TEST(LossScale, IsHalvedAfterEachStepThatIsNotFinite) {
  LossScale scale;
  EXPECT_EQ(scale.value, 65536);
  for (const double expected : {32768, 16384, 8192}) {
    scale.update(false);
    EXPECT_EQ(scale.value, expected);
  }
  EXPECT_EQ(scale.skipped_steps, 3);
}

TEST(LossScale, IsDoubledAfterTwoThousandFiniteStepsInARow) {
  LossScale scale;
  for (int step = 0; step < 1999; ++step) scale.update(true);
  EXPECT_EQ(scale.value, 65536);
  scale.update(true);
  EXPECT_EQ(scale.value, 131072);
  for (int step = 0; step < 1999; ++step) scale.update(true);
  scale.update(false);  // the count begins anew
  for (int step = 0; step < 1999; ++step) scale.update(true);
  EXPECT_EQ(scale.value, 65536);
  scale.update(true);
  EXPECT_EQ(scale.value, 131072);
  EXPECT_EQ(scale.skipped_steps, 1);
}

TEST(LossScale, SixteenStepsBringItToTheLeastAndOneMoreBelow) {
  LossScale scale;
  for (int step = 0; step < 16; ++step) scale.update(false);
  EXPECT_EQ(scale.value, LossScale::kLeast);
  scale.update(false);
  EXPECT_LT(scale.value, LossScale::kLeast);
}

}  // namespace
}  // namespace espalier::optim
