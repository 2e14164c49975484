#include "engine/device.h"

#include <gmock/gmock.h>

#include "comm/thread_comm.h"
#include "support/error_of.h"

namespace espalier::engine {
namespace {

const Gpus kNone{0, "no device is visible"}, kOne{1, ""};

// Of three ranks, the last of which has `last`.
std::string settled(const std::string& mode, const std::string& wanted, const Gpus& others,
                    const Gpus& last) {
  std::vector<std::string> modes(3);
  comm::run_ranks(3, [&](comm::Communicator& control) {
    modes[static_cast<size_t>(control.rank())] =
        settle_mode(control, mode, wanted, control.rank() == 2 ? last : others);
  });
  for (const std::string& other : modes) EXPECT_EQ(other, modes[0]);
  return modes[0];
}

TEST(SettleMode, AutoIsFastWhereEveryRankHasAGpu) {
  EXPECT_EQ(settled("auto", "auto", kOne, kOne), "fast");
  EXPECT_EQ(settled("auto", "cuda", kOne, kOne), "fast");
  EXPECT_EQ(settled("auto", "auto", kNone, kNone), "exact");
  EXPECT_EQ(settled("auto", "auto", kOne, kNone), "exact");
  EXPECT_EQ(settled("auto", "cpu", kOne, kOne), "exact");
}

TEST(SettleMode, WhatIsGivenStays) {
  EXPECT_EQ(settled("exact", "auto", kOne, kOne), "exact");
  EXPECT_EQ(settled("fast", "auto", kNone, kNone), "fast");
}

TEST(ChooseDevice, ExactStaysOnTheCpuAndFastTakesTheGpu) {
  EXPECT_TRUE(choose_device("auto", "exact", kOne).is_cpu());
  EXPECT_TRUE(choose_device("auto", "fast", kOne).is_cuda());
  EXPECT_TRUE(choose_device("cuda", "fast", kOne).is_cuda());
  EXPECT_TRUE(choose_device("auto", "fast", kNone).is_cpu());
  EXPECT_TRUE(choose_device("cpu", "fast", kOne).is_cpu());
}

TEST(ChooseDevice, AGpuThatCannotBeHadIsAUsageErrorWithTheReason) {
  const auto refusal = [](const std::string& mode, const Gpus& gpus) {
    return error_of(Kind::kUsage, [&] { choose_device("cuda", mode, gpus); });
  };
  EXPECT_THAT(refusal("fast", kNone), testing::HasSubstr("no device is visible"));
  EXPECT_THAT(refusal("exact", kOne), testing::HasSubstr("parallel.mode=fast"));
}

}  // namespace
}  // namespace espalier::engine
