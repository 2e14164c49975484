// The NCCL communicator on simulated GPUs: right in every order that they may run, and what happens
// when it is used wrongly.
#include "simulated/world.h"

#include <gtest/gtest.h>

#include <numeric>

#include "comm/check_comm.h"
#include "comm/device_staging.h"
#include "comm/nccl_comm.h"
#include "core/clock.h"

namespace espalier::comm {
namespace {

using simulated::Options;
using simulated::Report;
using simulated::World;

constexpr uint64_t kSchedules = 1000;

class Ranks : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(OneToFour, Ranks, testing::Values(1, 2, 3, 4));

TEST_P(Ranks, EveryOperationIsRightInAnyOrder) {
  for (uint64_t seed = 0; seed < kSchedules; ++seed) {
    const Report report =
        simulated::run_ranks(GetParam(), {.seed = seed}, [&](Communicator&, Communicator& data) {
          check_communicator(data, static_cast<int64_t>(seed % 5), kDataTypes[seed % 6]);
        });
    ASSERT_EQ(report.text(), "") << "seed " << seed;
  }
}

// Steps of a loop that never stops for the device: the host computes, several operations are under
// way at once, each is followed by then().
void train(Communicator& data, int steps, bool leaves_out_then = false) {
  const int rank = data.rank(), ranks = data.size();
  const Stream compute = data.compute_stream();
  std::vector<int64_t> sum(3), mine(2), all(2 * static_cast<size_t>(ranks));
  std::vector<int64_t> told(1), heard(1);
  bool right = true;  // on a stream that is stuck the host computes nonsense, as on a real one
  for (int step = 0; step < steps; ++step) {
    std::iota(sum.begin(), sum.end(), rank + step);
    std::ranges::fill(mine, 10 * rank + step);
    told[0] = rank + 100 * step;
    std::vector<Work> works;
    works.push_back(data.all_reduce(sum.data(), 3, DataType::i64, compute));
    works.push_back(data.all_gather(mine.data(), all.data(), 2, DataType::i64, compute));
    works.push_back(data.exchange({{told.data(), 1, (rank + 1) % ranks}},
                                  {{heard.data(), 1, (rank + ranks - 1) % ranks}}, DataType::i64,
                                  compute));
    if (!leaves_out_then) works[0].then(compute);
    World::current().at_rest([&] {
      for (int64_t i = 0; i < 3; ++i)
        right &= sum[i] == ranks * (i + step) + ranks * (ranks - 1) / 2;
    });
    works[1].then(compute);
    works[2].then(compute);
    World::current().at_rest([&] {
      for (int r = 0; r < ranks; ++r) right &= all[2 * r + 1] == 10 * r + step;
      right &= heard[0] == (rank + ranks - 1) % ranks + 100 * step;
    });
  }
  data.synchronize(compute);
  check(right, Kind::kBug, "a wrong result");
}

TEST_P(Ranks, ALoopThatOnlyOrdersStreamsIsRightInAnyOrder) {
  for (uint64_t seed = 0; seed < kSchedules; ++seed) {
    const Report report = simulated::run_ranks(
        GetParam(), {.seed = seed}, [](Communicator&, Communicator& data) { train(data, 2); });
    ASSERT_EQ(report.text(), "") << "seed " << seed;
  }
}

// Runs the loop with failures on demand: every rank must end in time, with kPeer, and abort.
void expect_all_end(const Options& options, int ranks) {
  const Stopwatch watch;
  const Report report =
      simulated::run_ranks(ranks, options, [](Communicator& control, Communicator& data) {
        train(data, 3);
        control.barrier();  // a message to a neighbour does not concern every rank
      });
  EXPECT_LT(watch.seconds(), 5);
  EXPECT_EQ(report.faults, "");
  for (const std::optional<Error>& error : report.errors) {
    ASSERT_TRUE(error) << "a rank ended as if nothing had happened";
    EXPECT_EQ(error->kind(), Kind::kPeer) << error->what();
  }
}

TEST_P(Ranks, AnAsynchronousErrorEndsEveryRank) {
  for (uint64_t seed = 0; seed < 40; ++seed)
    expect_all_end(
        {.seed = seed,
         .fails = {{static_cast<int>(seed) % GetParam(), static_cast<int64_t>(seed % 9)}},
         .deadline_seconds = 2},
        GetParam());
}

TEST_P(Ranks, AHangEndsEveryRankAtTheDeadline) {
  for (uint64_t seed = 0; seed < 10; ++seed)
    expect_all_end(
        {.seed = seed,
         .hangs = {{static_cast<int>(seed) % GetParam(), static_cast<int64_t>(seed % 9)}},
         .deadline_seconds = 0.1},
        GetParam());
}

TEST(SimulatedGpus, AnErrorOfOneRankEndsTheOthersAtOnce) {
  for (uint64_t seed = 0; seed < 100; ++seed) {
    const Stopwatch watch;
    const Report report =
        simulated::run_ranks(3, {.seed = seed}, [](Communicator&, Communicator& data) {
          train(data, 1);
          if (data.rank() == 1) throw Error(Kind::kIo, "disk full");
          train(data, 1);
        });
    EXPECT_EQ(report.faults, "");
    for (const std::optional<Error>& error : report.errors) {
      ASSERT_TRUE(error);
      EXPECT_NE(std::string(error->what()).find("disk full"), std::string::npos) << error->what();
      EXPECT_EQ(error->kind(), Kind::kIo);
    }
    EXPECT_LT(watch.seconds(), 5);
  }
}

// How many of `schedules` find that something is wrong.
int caught(int schedules, const Options& options, const simulated::Body& body,
           const CudaModule& module = World::module()) {
  int caught = 0;
  for (int seed = 0; seed < schedules; ++seed) {
    Options each = options;
    each.seed = static_cast<uint64_t>(seed);
    if (!simulated::run_ranks(2, each, body, module).text().empty()) ++caught;
  }
  return caught;
}

TEST(SimulatedGpus, AMissingWaitOfTheHostIsCaught) {
  EXPECT_GT(caught(100, {}, [](Communicator&, Communicator& data) { train(data, 2, true); }), 50);
}

TEST(SimulatedGpus, AMissingWaitOfTheCommunicatorsStreamIsCaught) {
  // A kernel makes what is sent; only the event between the streams orders the two.
  const auto body = [](Communicator&, Communicator& data) {
    World& world = World::current();
    CudaText reason;
    const Stream stream = World::module().create_stream(data.rank(), &reason);
    auto* const value = static_cast<int64_t*>(world.allocate(sizeof(int64_t)));
    world.enqueue(stream, [=] { *value = 1; });
    data.all_reduce(value, 1, DataType::i64, stream).wait();
    world.at_rest([&] { check(*value == data.size(), Kind::kBug, "a wrong sum"); });
    World::module().destroy_stream(data.rank(), stream);
  };
  CudaModule spoiled = World::module();
  spoiled.order = [](int, Stream, CudaEvent, CudaText*) { return true; };
  EXPECT_EQ(caught(100, {}, body), 0);
  EXPECT_GT(caught(100, {}, body, spoiled), 5);
}

TEST(SimulatedGpus, MemoryFreedTooEarlyIsCaught) {
  const auto body = [](Communicator&, Communicator& data) {
    World& world = World::current();
    void* const memory = world.allocate(8);
    Work work = data.all_reduce(memory, 1, DataType::i64, data.compute_stream());
    world.free(memory);
    work.then(data.compute_stream());
  };
  EXPECT_GT(caught(100, {.deadline_seconds = 1}, body), 50);
}

TEST(SimulatedGpus, FinalizeWithAnErrorInFlightIsCaught) {
  CudaModule spoiled = World::module();
  spoiled.abort = [](void* communicator) {
    CudaText reason;
    World::module().finalize(communicator, &reason);
    World::module().destroy(communicator);
  };
  const auto faults = [&](const Options& options) {
    return simulated::run_ranks(
               2, options, [](Communicator&, Communicator& data) { train(data, 2); }, spoiled)
        .faults;
  };
  EXPECT_NE(faults({.fails = {{0, 2}}, .deadline_seconds = 1}).find("after a failure"),
            std::string::npos);
  EXPECT_NE(faults({.hangs = {{0, 2}}, .deadline_seconds = 0.1}).find("in flight"),
            std::string::npos);
}

TEST(SimulatedGpus, ACallThatDoesNotWaitUntilTheLastWasTakenInIsCaught) {
  CudaModule spoiled = World::module();
  spoiled.ready = [](void*, CudaText*) { return CudaState::kDone; };
  const Report report = simulated::run_ranks(
      2, {.stuck_seconds = 0.2, .deadline_seconds = 0.2},
      [](Communicator&, Communicator& data) { train(data, 1); }, spoiled);
  EXPECT_NE(report.faults.find("makes a call before the last one was taken in"), std::string::npos);
}

TEST(SimulatedGpus, CallsThatDoNotMatchAreCaught) {
  const Report report =
      simulated::run_ranks(2, {.deadline_seconds = 0.1}, [](Communicator&, Communicator& data) {
        std::vector<float> values(2);
        data.all_reduce(values.data(), 1 + data.rank(), DataType::f32).wait();
      });
  EXPECT_EQ(report.faults,
            "rank 0 calls all_reduce of 1 f32 where rank 1 calls all_reduce of 2 f32");
}

TEST(SimulatedGpus, TwoThatSendBeforeTheyReceiveWaitForEachOther) {
  const auto body = [](Communicator&, Communicator& data) {
    float sent = 1, received = 0;
    const int peer = 1 - data.rank();
    Work work = data.send(&sent, 1, DataType::f32, peer);
    data.receive(&received, 1, DataType::f32, peer).wait();
  };
  const Report report = simulated::run_ranks(2, {.deadline_seconds = 0.1}, body);
  EXPECT_EQ(report.faults, "");
  for (const std::optional<Error>& error : report.errors) {
    ASSERT_TRUE(error);
    EXPECT_EQ(error->kind(), Kind::kPeer);
  }
}

TEST(SimulatedGpus, AnAbortThatHangsEndsTheProcess) {
  testing::FLAGS_gtest_death_test_style = "threadsafe";
  const auto body = [] {
    simulated::run_ranks(2, {.hangs = {{0, 1}}, .abort_hangs = true, .deadline_seconds = 0.1},
                         [](Communicator&, Communicator& data) { train(data, 2); });
  };
  EXPECT_EXIT(body(), testing::ExitedWithCode(5), "ncclCommAbort after .* hung for 1 s");
}

// Batches through two blocks in turn; each is used after the copy, on a stream of the device.
void feed(Communicator& data, bool leaves_out_wait, bool leaves_out_then) {
  World& world = World::current();
  Staging staging(Gpu{&World::module(), data.rank()});
  std::unique_ptr<StagingBlock> blocks[] = {staging.allocate(8), staging.allocate(8)};
  auto* const batch = static_cast<int64_t*>(world.allocate(8));
  CudaText reason;
  const Stream stream = World::module().create_stream(data.rank(), &reason);
  const auto seen = std::make_shared<std::vector<int64_t>>();  // kernels may outlive an error
  std::vector<Work> unordered;
  for (int64_t step = 0; step < 6; ++step) {
    StagingBlock& block = *blocks[step % 2];
    if (!leaves_out_wait) block.wait();
    world.at_rest([&] { *reinterpret_cast<int64_t*>(block.data()) = step; });
    Work copied = staging.copy(block, 0, batch, 8, stream);
    if (!leaves_out_then) copied.then(stream);
    unordered.push_back(std::move(copied));  // one that is dropped waits
    world.enqueue(stream, [seen, batch] { seen->push_back(*batch); });
  }
  data.synchronize(stream);
  world.at_rest([&] {
    for (int64_t step = 0; step < 6; ++step)
      check(seen->at(static_cast<size_t>(step)) == step, Kind::kBug, "a wrong batch");
  });
  World::module().destroy_stream(data.rank(), stream);
}

TEST(Staging, EveryBatchArrivesAndAMissingWaitIsCaught) {
  const auto feeding = [](bool leaves_out_wait, bool leaves_out_then) {
    return caught(100, {}, [=](Communicator&, Communicator& data) {
      feed(data, leaves_out_wait, leaves_out_then);
    });
  };
  EXPECT_EQ(feeding(false, false), 0);
  EXPECT_GT(feeding(true, false), 5);
  EXPECT_GT(feeding(false, true), 5);
}

TEST(Staging, TheHostsIsAPlainCopy) {
  Staging staging(/*device=*/-1);
  const auto block = staging.allocate(4);
  block->data()[3] = std::byte{7};
  std::byte to{};
  staging.copy(*block, 3, &to, 1, nullptr).then(nullptr);
  EXPECT_EQ(to, std::byte{7});
  block->wait();
  EXPECT_THROW(staging.copy(*block, 4, &to, 1, nullptr), Error);
}

}  // namespace
}  // namespace espalier::comm
