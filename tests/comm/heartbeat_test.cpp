#include "comm/heartbeat.h"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "comm/thread_comm.h"
#include "core/activity.h"
#include "core/clock.h"

namespace espalier::comm {
namespace {

void sleep(int milliseconds) {
  std::this_thread::sleep_for(std::chrono::milliseconds(milliseconds));
}

TEST(Patience, BeginsAnewWheneverThePeersMadeProgress) {
  Patience patience(0.2);
  for (int progress = 0; progress < 6; ++progress) {
    EXPECT_FALSE(patience.is_over(progress));
    sleep(100);
  }
  EXPECT_FALSE(patience.is_over(6));
  sleep(250);
  EXPECT_TRUE(patience.is_over(6));
}

TEST(Wait, LastsAsLongAsAPeersOwnWorkMakesProgress) {
  run_ranks(2, [](Communicator& comm) {
    comm.set_deadline(0.4);
    if (comm.rank() == 1) {
      const Activity activity("copying {} files", 8);
      for (int file = 0; file < 8; ++file) {
        sleep(150);
        made_progress();
      }
    }
    comm.barrier();
  });
}

TEST(Activity, TheInnermostOneNamesWhatIsDone) {
  const Activity outer("step {}", 7);
  {
    const Activity inner("hook {}", "knn");
    EXPECT_EQ(Activity::current(), "hook knn");
  }
  EXPECT_EQ(Activity::current(), "step 7");
}

TEST(Heartbeat, ComesSeveralTimesASecond) {
  std::atomic<int> beats = 0;
  {
    const Heartbeat heartbeat([&] { ++beats; });
    for (int turn = 0; turn < 100 && beats < 3; ++turn) sleep(50);
  }
  EXPECT_GE(beats, 3);
}

// What a process ends with that does `body` under a watchdog of 0.5 seconds; 0 when it comes to the
// end.
[[noreturn]] void watched(const std::function<void()>& body) {
  const auto control = std::move(thread_communicators(1).front());
  const Heartbeat heartbeat([] {});
  const Watchdog watchdog(*control, 0.5);
  const Activity activity("forward and backward of step {}", 4);
  body();
  std::quick_exit(0);
}

TEST(WatchdogDeathTest, EndsAProcessThatMakesNoProgressAndNamesWhatItDid) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  EXPECT_EXIT(watched([] { sleep(20000); }), testing::ExitedWithCode(5),
              "rank 0 on .* made no progress for 0.5 s in forward and backward of step 4");
}

TEST(WatchdogDeathTest, LetsLongWorkBeThatMakesProgress) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto work = [] {
    for (int piece = 0; piece < 15; ++piece) {
      sleep(100);
      made_progress();
    }
  };
  EXPECT_EXIT(watched(work), testing::ExitedWithCode(0), "");
}

TEST(WatchdogDeathTest, LeavesWaitsToTheirOwnDeadlines) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto wait = [] {
    {
      const BoundedWait data;
      sleep(1500);
    }
    const PeerWait peers;
    sleep(1500);
  };
  EXPECT_EXIT(watched(wait), testing::ExitedWithCode(0), "");
}

}  // namespace
}  // namespace espalier::comm
