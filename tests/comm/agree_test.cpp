#include "comm/agree.h"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "comm/thread_comm.h"
#include "comm/topology.h"
#include "core/clock.h"

namespace espalier::comm {
namespace {

// The error that `body` ends with, as "kind message", or "none".
std::string outcome(const std::function<void()>& body) {
  try {
    body();
    return "none";
  } catch (const Error& error) {
    EXPECT_TRUE(error.agreed());
    return fmt::format("{} {}", error.exit_code(), error.what());
  }
}

std::string from(int rank, const std::string& code, const std::string& what) {
  return fmt::format("{} rank {} on {}: {}", code, rank, host_name(), what);
}

TEST(Agree, OneRanksFailureIsEveryRanksFailure) {
  run_ranks(3, [](Communicator& comm) {
    const auto action = [&] {
      if (comm.rank() > 0) throw Error(Kind::kData, "bad file {}", comm.rank());
    };
    EXPECT_EQ(outcome([&] { agree(comm, action); }), from(1, "3", "bad file 1"));
  });
}

TEST(Agree, AFailureOfAllNamesNoRank) {
  run_ranks(3, [](Communicator& comm) {
    const auto action = [] { throw Error(Kind::kUsage, "no such option"); };
    EXPECT_EQ(outcome([&] { agree(comm, action); }), "2 no such option");
  });
}

TEST(Agree, ForeignExceptionsTravelAsBugs) {
  run_ranks(2, [](Communicator& comm) {
    const auto action = [&] {
      if (comm.rank() == 0) throw std::runtime_error("what");
    };
    EXPECT_EQ(outcome([&] { agree(comm, action); }), from(0, "70", "what"));
  });
}

TEST(Agree, TheRanksGoOnAfterSuccessAndAfterFailure) {
  run_ranks(2, [](Communicator& comm) {
    int done = 0;
    EXPECT_EQ(outcome([&] { agree(comm, [&] { ++done; }); }), "none");
    EXPECT_NE(outcome([&] { agree(comm, [] { throw Error(Kind::kIo, "full"); }); }), "none");
    comm.barrier();
    EXPECT_EQ(done, 1);
  });
}

TEST(OnRankZero, RunsOnceAndItsFailureIsHeardByAll) {
  run_ranks(3, [](Communicator& comm) {
    bool ran = false;
    on_rank_zero(comm, [&] { ran = true; });
    EXPECT_EQ(ran, comm.rank() == 0);
    const auto failing = [] { throw Error(Kind::kIo, "cannot create folder x"); };
    EXPECT_EQ(outcome([&] { on_rank_zero(comm, failing); }), "4 cannot create folder x");
  });
}

TEST(RaiseErrors, TellsThePeersBeforeAnythingOutsideTheBodyIsDestroyed) {
  std::atomic<bool> told = false;
  std::string heard;
  const auto body = [&](Communicator& comm) {
    if (comm.rank() == 1) {
      // Its end takes until the peer has heard: raised after it, the alarm would come too late.
      struct SlowEnd {
        std::atomic<bool>& told;
        ~SlowEnd() {
          for (int turn = 0; turn < 1000 && !told; ++turn)
            std::this_thread::sleep_for(std::chrono::milliseconds(5));
        }
      } slow{told};
      raise_errors(comm, [] { throw Error(Kind::kIo, "disk full"); });
    }
    try {
      comm.barrier();
    } catch (const Error& error) {
      heard = error.what();
      told = true;
    }
  };
  const Stopwatch watch;
  EXPECT_THROW(run_ranks(2, body), Error);
  EXPECT_EQ(heard, "rank 1: disk full");
  EXPECT_LT(watch.seconds(), 4);
}

TEST(RaiseErrors, LeavesAgreedErrorsToTheirCaller) {
  run_ranks(2, [](Communicator& comm) {
    const auto failing = [] { throw Error(Kind::kData, "torn"); };
    EXPECT_EQ(outcome([&] { raise_errors(comm, [&] { agree(comm, failing); }); }), "3 torn");
    comm.barrier();  // no alarm is on
  });
}

TEST(Texts, OfAnyLengthAreBroadcastAndGathered) {
  run_ranks(3, [](Communicator& comm) {
    const std::string mine(static_cast<size_t>(comm.rank() * 5), 'a' + comm.rank());
    EXPECT_THAT(gather_texts(comm, mine), testing::ElementsAre("", "bbbbb", "cccccccccc"));
    EXPECT_EQ(broadcast_text(comm, comm.rank() == 0 ? "from zero" : "ignored"), "from zero");
    EXPECT_EQ(broadcast_text(comm, ""), "");
  });
}

}  // namespace
}  // namespace espalier::comm
