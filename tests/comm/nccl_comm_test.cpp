// The host half of the NCCL communicator against a module that is played: one rank, host memory,
// and every call first "in progress", as NCCL's non-blocking communicators answer.
#include "comm/nccl_comm.h"

#include <gtest/gtest.h>

#include <cstdio>
#include <thread>

#include "comm/operation.h"
#include "comm/thread_comm.h"
#include "core/clock.h"

namespace espalier::comm {
namespace {

// What the played module does and what was asked of it.
struct Play {
  bool create_fails = false, ready_fails = false, never_reached = false;
  int polls = 0;           // since the last call; three are in progress
  std::string calls = {};  // in order
  int events = 0;          // alive
};

Play play;

CudaState answer(CudaText* reason) {
  if (play.ready_fails) {
    std::snprintf(reason->bytes, sizeof reason->bytes, "remote process exited");
    return CudaState::kFailed;
  }
  return ++play.polls <= 3 ? CudaState::kRunning : CudaState::kDone;
}

void ask(const char* call) {
  play.calls += std::string(call) + " ";
  play.polls = 0;
}

const CudaModule kPlayed = {
    .interface = CudaModule::kInterface,
    .device_count = [](CudaText*) { return 1; },
    .versions = [] { return CudaVersions{}; },
    .current_stream = [](int) -> Stream { return nullptr; },
    .unique_id = [](NcclId*, CudaText*) { return true; },
    .create = [](const NcclId*, int, int, int, CudaText* reason) -> void* {
      ask("create");
      std::snprintf(reason->bytes, sizeof reason->bytes, "no such device");
      return play.create_fails ? nullptr : &play;
    },
    .ready = [](void*, CudaText* reason) { return answer(reason); },
    .start =
        [](void*, const NcclCall* call, Stream, CudaText*) {
          ask("start");
          if (call->receive != call->send) *static_cast<float*>(call->receive) = 7;
          return true;
        },
    .mark = [](void*, CudaText*) -> void* {
      // Before this the operation must have been taken in.
      EXPECT_GT(play.polls, 3);
      ask("mark");
      ++play.events;
      return &play.events;
    },
    .reached =
        [](void*, void*, CudaText* reason) {
          const CudaState state = answer(reason);
          return play.never_reached && state == CudaState::kDone ? CudaState::kRunning : state;
        },
    .release = [](void*) { --play.events; },
    .finalize =
        [](void*, CudaText*) {
          ask("finalize");
          return true;
        },
    .destroy = [](void*) { ask("destroy"); },
    .abort = [](void*) { ask("abort"); },
};

// Runs `body` with a communicator on the played module; returns the message of what it threw.
std::string message_of(const Play& given, const std::function<void(Communicator&)>& body) {
  play = given;
  std::string message;
  run_ranks(1, [&](Communicator& control) {
    try {
      const std::unique_ptr<Communicator> nccl = make_nccl_communicator(kPlayed, control, 0);
      body(*nccl);
    } catch (const Error& error) {
      message = error.what();
    }
  });
  EXPECT_EQ(play.events, 0);
  return message;
}

TEST(NcclCommunicator, PollsEachCallUntilItIsTakenInAndEndsInOrder) {
  float sent = 1, received = 0;
  EXPECT_EQ(message_of({},
                       [&](Communicator& nccl) {
                         nccl.all_gather(&sent, &received, 1, DataType::f32).wait();
                       }),
            "");
  EXPECT_EQ(received, 7);
  EXPECT_EQ(play.calls, "create start mark finalize destroy ");
}

TEST(NcclCommunicator, AFailureOnTheGpuAbortsOnceAndNamesTheOperation) {
  float value = 1;
  const std::string message = message_of({}, [&](Communicator& nccl) {
    Work work = nccl.all_reduce(&value, 1, DataType::f32);
    play.ready_fails = true;
    work.wait();
  });
  EXPECT_EQ(message, "all_reduce of 1 f32 failed: remote process exited");
  EXPECT_EQ(play.calls, "create start mark abort ");
}

TEST(NcclCommunicator, AnAbortedOneRefusesFurtherCalls) {
  float value = 1;
  const std::string message = message_of({}, [&](Communicator& nccl) {
    nccl.raise(Error(Kind::kIo, "disk full"));
    nccl.all_reduce(&value, 1, DataType::f32).wait();
  });
  EXPECT_EQ(message, "all_reduce of 1 f32: the NCCL communicator was aborted");
  EXPECT_EQ(play.calls, "create abort ");
}

TEST(NcclCommunicator, AWaitEndsAtItsDeadline) {
  float value = 1;
  const std::string message = message_of({.never_reached = true}, [&](Communicator& nccl) {
    nccl.set_deadline(0.05);
    nccl.all_reduce(&value, 1, DataType::f32).wait();
  });
  EXPECT_NE(message.find("waited 0.05 s for its peers in all_reduce of 1 f32"), std::string::npos)
      << message;
  EXPECT_EQ(play.calls, "create start mark abort ");
}

TEST(NcclCommunicator, AnAlarmOnTheControlEndsAWaitForTheGpu) {
  play = {.never_reached = true};
  const std::unique_ptr<Communicator> control = std::move(thread_communicators(1).front());
  float value = 1;
  {
    const std::unique_ptr<Communicator> nccl = make_nccl_communicator(kPlayed, *control, 0);
    Work work = nccl->all_reduce(&value, 1, DataType::f32);
    std::thread failing([&] { control->raise(Error(Kind::kIo, "disk full")); });
    EXPECT_THROW(work.wait(), Error);
    failing.join();
  }
  EXPECT_EQ(play.calls, "create start mark abort ");
}

TEST(NcclCommunicator, AGpuThatCannotStartIsAUsageError) {
  const std::string message =
      message_of({.create_fails = true}, [](Communicator&) { FAIL() << "it started"; });
  EXPECT_EQ(message, "NCCL cannot start: no such device");
}

TEST(NcclFactory, SaysWhatIsMissingHere) {
  run_ranks(2, [](Communicator& control) {
    try {
      Registry<CommunicatorFactory>::create("nccl")->create(control, -1);
      ADD_FAILURE() << "it started without a device";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), Kind::kUsage);
      EXPECT_TRUE(error.agreed());
      EXPECT_EQ(std::string(error.what()).find("parallel.communicator is 'nccl' but"), 0u);
    }
  });
}

}  // namespace
}  // namespace espalier::comm
