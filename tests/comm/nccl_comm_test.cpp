// The host half of the NCCL communicator against a module that is played: one rank, host memory,
// and every call first "in progress", as NCCL's non-blocking communicators answer.
#include "comm/nccl_comm.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <functional>
#include <thread>

#include "comm/operation.h"
#include "comm/thread_comm.h"
#include "core/clock.h"

namespace espalier::comm {
namespace {

// What the played module does and what was asked of it.
struct Play {
  bool create_fails = false, ready_fails = false, never_reached = false, abort_hangs = false;
  bool never_ready = false;
  int polls = 0;           // since the last call; three are in progress
  std::string calls = {};  // in order
  int events = 0;          // alive
  int streams = 0;         // alive
};

Play play;
char compute, comm_stream;  // their addresses are the streams

CudaState answer(CudaText* reason) {
  if (play.ready_fails) {
    std::snprintf(reason->bytes, sizeof reason->bytes, "remote process exited");
    return CudaState::kFailed;
  }
  return ++play.polls <= 3 || play.never_ready ? CudaState::kRunning : CudaState::kDone;
}

void ask(const char* call) {
  play.calls += std::string(call) + " ";
  play.polls = 0;
}

const CudaModule kPlayed = {
    .interface = CudaModule::kInterface,
    .device_count = [](CudaText*) { return 1; },
    .versions = [] { return CudaVersions{}; },
    .identity = [](int, CudaText*, CudaText*) { return true; },
    .current_stream = [](int) -> Stream { return &compute; },
    .create_stream = [](int, CudaText*) -> Stream {
      ++play.streams;
      return &comm_stream;
    },
    .destroy_stream = [](int, Stream) { --play.streams; },
    .record = [](int, Stream stream, CudaText*) -> CudaEvent {
      // Before its end can be marked, the operation must have been taken in.
      if (stream == &comm_stream) {
        EXPECT_GT(play.polls, 3);
      }
      ask(stream == &comm_stream ? "mark" : "record");
      ++play.events;
      return &play.events;
    },
    .reached =
        [](CudaEvent, CudaText*) {
          return play.never_reached || ++play.polls <= 3 ? CudaState::kRunning : CudaState::kDone;
        },
    .order =
        [](int, Stream stream, CudaEvent, CudaText*) {
          ask(stream == &comm_stream ? "order" : "then");
          return true;
        },
    .release = [](CudaEvent) { --play.events; },
    .allocate_pinned = [](int, size_t bytes, CudaText*) { return std::malloc(bytes); },
    .free_pinned = [](void* memory) { std::free(memory); },
    .copy_to_device =
        [](int, void* to, const void* from, size_t bytes, Stream, CudaText*) {
          std::memcpy(to, from, bytes);
          return true;
        },
    .unique_id = [](NcclId*, CudaText*) { return true; },
    .create = [](const NcclId*, int, int, int, CudaText* reason) -> void* {
      ask("create");
      std::snprintf(reason->bytes, sizeof reason->bytes, "no such device");
      return play.create_fails ? nullptr : &play;
    },
    .ready = [](void*, CudaText* reason) { return answer(reason); },
    .start =
        [](void*, const NcclCall* calls, int count, Stream stream, CudaText*) {
          EXPECT_EQ(stream, &comm_stream);
          ask(count == 1 ? "start" : "group");
          if (calls->receive != calls->send && calls->receive != nullptr)
            *static_cast<float*>(calls->receive) = 7;
          return true;
        },
    .finalize =
        [](void*, CudaText*) {
          ask("finalize");
          return true;
        },
    .destroy = [](void*) { ask("destroy"); },
    .abort =
        [](void*) {
          ask("abort");
          while (play.abort_hangs) std::this_thread::sleep_for(std::chrono::seconds(1));
        },
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
  EXPECT_EQ(play.streams, 0);
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
  EXPECT_EQ(play.calls, "create record order start mark finalize destroy ");
}

TEST(NcclCommunicator, AFailureOnTheGpuAbortsOnceAndNamesTheOperation) {
  float value = 1;
  const std::string message = message_of({}, [&](Communicator& nccl) {
    Work work = nccl.all_reduce(&value, 1, DataType::f32);
    play.ready_fails = true;
    work.wait();
  });
  EXPECT_EQ(message, "all_reduce of 1 f32 failed: remote process exited");
  EXPECT_EQ(play.calls, "create record order start mark abort ");
}

TEST(NcclCommunicator, AnAbortedOneRefusesFurtherCalls) {
  float value = 1;
  const std::string message = message_of({}, [&](Communicator& nccl) {
    nccl.raise(Error(Kind::kIo, "disk full"));
    nccl.all_reduce(&value, 1, DataType::f32).wait();
  });
  EXPECT_EQ(message, "all_reduce of 1 f32: the NCCL communicator was aborted (disk full)");
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
  EXPECT_EQ(play.calls, "create record order start mark abort ");
}

TEST(NcclCommunicator, ThenOrdersTheStreamAndTheHostGoesOn) {
  float value = 1;
  const std::string message = message_of({.never_reached = true}, [&](Communicator& nccl) {
    nccl.all_reduce(&value, 1, DataType::f32, nccl.compute_stream()).then(nccl.compute_stream());
    EXPECT_EQ(play.calls, "create record order start mark then ");
    play.never_reached = false;
  });
  EXPECT_EQ(message, "");
  EXPECT_EQ(play.calls, "create record order start mark then finalize destroy ");
}

TEST(NcclCommunicator, ThenOfANullStreamIsWait) {
  float value = 1;
  message_of({}, [&](Communicator& nccl) {
    nccl.all_reduce(&value, 1, DataType::f32).then(nullptr);
    EXPECT_EQ(play.calls, "create record order start mark ");
  });
}

TEST(NcclCommunicator, AFailureAfterThenIsReportedByTheNextCall) {
  float value = 1;
  for (const bool synchronizes : {false, true}) {
    const std::string message = message_of({}, [&](Communicator& nccl) {
      nccl.all_reduce(&value, 1, DataType::f32).then(nccl.compute_stream());
      play.never_reached = play.ready_fails = true;
      if (synchronizes)
        nccl.synchronize(nccl.compute_stream());
      else
        nccl.broadcast(&value, 1, DataType::f32, 0);
    });
    EXPECT_EQ(message, "all_reduce of 1 f32 failed: remote process exited");
  }
}

TEST(NcclCommunicator, AnExchangeIsOneGroup) {
  float sent = 1, received = 0;
  message_of({}, [&](Communicator& nccl) {
    nccl.exchange({{&sent, 1, 0}}, {{&received, 1, 0}}, DataType::f32).wait();
    nccl.exchange({}, {}, DataType::f32).wait();
  });
  EXPECT_EQ(play.calls, "create record order group mark finalize destroy ");
}

TEST(NcclCommunicator, ItsStartObeysTheDeadlineOfTheControl) {
  const Stopwatch watch;
  play = {.never_ready = true};
  run_ranks(1, [&](Communicator& control) {
    control.set_deadline(0.05);
    EXPECT_THROW(make_nccl_communicator(kPlayed, control, 0), Error);
  });
  EXPECT_LT(watch.seconds(), 2);
  EXPECT_EQ(play.calls, "create abort ");
  EXPECT_EQ(play.streams, 0);
}

TEST(NcclCommunicator, AnErrorThatWasRaisedAbortsItAfterItWasCaught) {
  play = {};
  const std::unique_ptr<Communicator> control = std::move(thread_communicators(1).front());
  {
    const std::unique_ptr<Communicator> nccl = make_nccl_communicator(kPlayed, *control, 0);
    control->raise(Error(Kind::kIo, "disk full"));
  }
  EXPECT_EQ(play.calls, "create abort ");
}

TEST(NcclCommunicator, AnErrorOnItsWayAbortsIt) {
  EXPECT_EQ(message_of({}, [](Communicator&) { throw Error(Kind::kIo, "disk full"); }),
            "disk full");
  EXPECT_EQ(play.calls, "create abort ");
}

TEST(NcclCommunicatorDeathTest, AnAbortThatHangsEndsTheProcess) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto body = [] {
    message_of({.abort_hangs = true}, [](Communicator& nccl) {
      nccl.set_deadline(0.05);
      nccl.raise(Error(Kind::kIo, "disk full"));
    });
  };
  EXPECT_EXIT(body(), testing::ExitedWithCode(5), "ncclCommAbort after \"disk full\" hung for 1 s");
}

TEST(NcclCommunicator, HasNoDuplicate) {
  EXPECT_NE(message_of({},
                       [](Communicator& nccl) {
                         EXPECT_FALSE(nccl.concurrent());
                         nccl.duplicate();
                       })
                .find("has no duplicate"),
            std::string::npos);
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
  EXPECT_EQ(play.calls, "create record order start mark abort ");
}

TEST(NcclCommunicator, AGpuThatCannotStartIsAUsageError) {
  const std::string message =
      message_of({.create_fails = true}, [](Communicator&) { FAIL() << "it started"; });
  EXPECT_EQ(message, "NCCL cannot start: no such device");
}

}  // namespace
}  // namespace espalier::comm
