#include "engine/device.h"

#include <gmock/gmock.h>

#include "comm/thread_comm.h"
#include "support/error_of.h"

namespace espalier::engine {
namespace {

const Gpus kNone{0, "no device is visible"}, kOne{1, ""};

// Of three ranks, the last of which has `last`.
sync::Mode settled(sync::Mode mode, DeviceChoice wanted, const Gpus& others, const Gpus& last) {
  std::vector<sync::Mode> modes(3);
  comm::run_ranks(3, [&](comm::Communicator& control) {
    modes[static_cast<size_t>(control.rank())] =
        settle_mode(control, mode, wanted, control.rank() == 2 ? last : others);
  });
  for (const sync::Mode other : modes) EXPECT_EQ(other, modes[0]);
  return modes[0];
}

TEST(SettleMode, AutoIsFastWhereEveryRankHasAGpu) {
  EXPECT_EQ(settled(sync::Mode::kAuto, DeviceChoice::kAuto, kOne, kOne), sync::Mode::kFast);
  EXPECT_EQ(settled(sync::Mode::kAuto, DeviceChoice::kCuda, kOne, kOne), sync::Mode::kFast);
  EXPECT_EQ(settled(sync::Mode::kAuto, DeviceChoice::kAuto, kNone, kNone), sync::Mode::kExact);
  EXPECT_EQ(settled(sync::Mode::kAuto, DeviceChoice::kAuto, kOne, kNone), sync::Mode::kExact);
  EXPECT_EQ(settled(sync::Mode::kAuto, DeviceChoice::kCpu, kOne, kOne), sync::Mode::kExact);
}

TEST(SettleMode, WhatIsGivenStays) {
  EXPECT_EQ(settled(sync::Mode::kExact, DeviceChoice::kAuto, kOne, kOne), sync::Mode::kExact);
  EXPECT_EQ(settled(sync::Mode::kFast, DeviceChoice::kAuto, kNone, kNone), sync::Mode::kFast);
}

TEST(ChooseDevice, ExactStaysOnTheCpuAndFastTakesTheGpu) {
  EXPECT_TRUE(choose_device(DeviceChoice::kAuto, sync::Mode::kExact, kOne).is_cpu());
  EXPECT_TRUE(choose_device(DeviceChoice::kAuto, sync::Mode::kFast, kOne).is_cuda());
  EXPECT_TRUE(choose_device(DeviceChoice::kCuda, sync::Mode::kFast, kOne).is_cuda());
  EXPECT_TRUE(choose_device(DeviceChoice::kAuto, sync::Mode::kFast, kNone).is_cpu());
  EXPECT_TRUE(choose_device(DeviceChoice::kCpu, sync::Mode::kFast, kOne).is_cpu());
}

TEST(ChooseDevice, AGpuThatCannotBeHadIsAUsageErrorWithTheReason) {
  const auto refusal = [](sync::Mode mode, const Gpus& gpus) {
    return error_of(Kind::kUsage, [&] { choose_device(DeviceChoice::kCuda, mode, gpus); });
  };
  EXPECT_THAT(refusal(sync::Mode::kFast, kNone), testing::HasSubstr("no device is visible"));
  EXPECT_THAT(refusal(sync::Mode::kExact, kOne), testing::HasSubstr("parallel.mode=fast"));
}

}  // namespace
}  // namespace espalier::engine
