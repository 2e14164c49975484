// Ranks as MPI processes: each test starts this program again under mpirun, where the part named
// DISABLED_ is run by every rank.
#include "comm/mpi_comm.h"

#include <gtest/gtest.h>
#define OMPI_SKIP_MPICXX 1
#include <mpi.h>
#include <sys/wait.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <functional>
#include <thread>

#include "comm/check_comm.h"
#include "comm/world.h"

namespace {

std::atomic<int64_t> bytes_sent{0};

}  // namespace

// Every message of this program passes here.
extern "C" int MPI_Isend(const void* buffer, int count, MPI_Datatype type, int to, int tag,
                         MPI_Comm comm, MPI_Request* request) {
  int size = 0;
  PMPI_Type_size(type, &size);
  bytes_sent += int64_t{count} * size;
  return PMPI_Isend(buffer, count, type, to, tag, comm, request);
}

namespace espalier::comm {
namespace {

// Exit code of `part` under mpirun.
int run_under_mpi(int ranks, const std::string& part) {
  const std::string command = fmt::format(
      "OMPI_ALLOW_RUN_AS_ROOT=1 OMPI_ALLOW_RUN_AS_ROOT_CONFIRM=1 timeout 120 mpirun --bind-to none "
      "--oversubscribe -n {} $(readlink /proc/{}/exe) --gtest_also_run_disabled_tests "
      "--gtest_brief=1 --gtest_filter=MpiRank.DISABLED_{} </dev/null",
      ranks, getpid(), part);
  return WEXITSTATUS(std::system(command.c_str()));
}

// Runs `body` as one of the ranks, and ends the process.
void as_rank(const std::function<void(Communicator&)>& body) {
  int argc = 0;
  char** argv = nullptr;
  World world(argc, argv);
  body(world.control());
  world.exit(testing::Test::HasFailure() ? 1 : 0);
}

TEST(MpiRank, DISABLED_EveryOperation) {
  as_rank([](Communicator& comm) {
    const auto cutting = mpi::world(/*largest_count=*/64), other = comm.duplicate();
    for (const DataType type : kDataTypes) {
      for (const int64_t count : {0, 1, 7, 1000}) check_communicator(*cutting, count, type);
      for (const int64_t count : {0, 1, 1000, 100'003})
        check_communicator(count % 2 == 0 ? comm : *other, count, type);
    }
    check_communicator(comm, 1'200'001, DataType::f32);  // several pieces
  });
}

TEST(Mpi, EveryOperationIsRightOnAnyNumberOfRanks) {
  for (const int ranks : {1, 2, 3, 4}) EXPECT_EQ(run_under_mpi(ranks, "EveryOperation"), 0);
}

TEST(MpiRank, DISABLED_SumsInRankOrder) {
  as_rank([](Communicator& comm) {
    const float terms[] = {1e8f, 1.0f, -1e8f, 1.0f};  // ((1e8 + 1) - 1e8) + 1 = 1 in f32
    std::vector<float> values(400'000, terms[comm.rank()]), sums(100'000);
    comm.reduce_scatter(values.data(), sums.data(), 100'000, DataType::f32).wait();
    comm.all_reduce(values.data(), 400'000, DataType::f32).wait();
    for (const float value : values) ASSERT_EQ(value, 1.0f);
    for (const float value : sums) ASSERT_EQ(value, 1.0f);
  });
}

TEST(Mpi, LargeSumsAreTakenInRankOrder) { EXPECT_EQ(run_under_mpi(4, "SumsInRankOrder"), 0); }

TEST(MpiRank, DISABLED_BytesSent) {
  as_rank([](Communicator& comm) {
    const int64_t ranks = comm.size(), count = 1'000'000 * ranks, bytes = 4 * count;
    std::vector<float> values(static_cast<size_t>(count)), sum(values.size());
    bytes_sent = 0;
    comm.all_reduce(values.data(), count, DataType::f32).wait();
    // Slices differ by an element.
    EXPECT_NEAR(static_cast<double>(bytes_sent),
                static_cast<double>(2 * bytes * (ranks - 1) / ranks), 100);
    bytes_sent = 0;
    comm.reduce_scatter(values.data(), sum.data(), count / ranks, DataType::f32).wait();
    EXPECT_EQ(bytes_sent, bytes * (ranks - 1) / ranks);
  });
}

TEST(Mpi, ALargeSumSendsNoMoreThanItMust) {
  for (const int ranks : {2, 3, 4}) EXPECT_EQ(run_under_mpi(ranks, "BytesSent"), 0);
}

TEST(MpiRank, DISABLED_SumsInAnyOrder) {
  as_rank([](Communicator& comm) {
    constexpr int kSums = 6;
    std::vector<std::vector<int64_t>> values;
    std::vector<Work> works;
    for (int i = 0; i < kSums; ++i) {
      values.emplace_back(100'000 + i, i + comm.rank());
      works.push_back(comm.all_reduce(values[i].data(), 100'000 + i, DataType::i64));
    }
    // Each rank waits for another one first, and talks in between.
    for (int i = 0; i < kSums; ++i) {
      works[(i + comm.rank()) % kSums].wait();
      if (i % 2 == 0) check_communicator(comm, 10, DataType::f32);
    }
    const int64_t ranks = comm.size();
    for (int i = 0; i < kSums; ++i)
      for (const int64_t value : values[i]) ASSERT_EQ(value, ranks * i + ranks * (ranks - 1) / 2);
  });
}

TEST(Mpi, SumsUnderWayMayBeWaitedForInAnyOrder) {
  EXPECT_EQ(run_under_mpi(3, "SumsInAnyOrder"), 0);
}

TEST(MpiRank, DISABLED_SecondThread) {
  as_rank([](Communicator& comm) {
    ASSERT_TRUE(comm.concurrent()) << mpi::thread_level();
    const std::unique_ptr<Communicator> other = comm.duplicate();
    std::thread second([&] {
      for (int turn = 0; turn < 20; ++turn) check_communicator(*other, 90'000, DataType::f32);
    });
    for (int turn = 0; turn < 20; ++turn) check_communicator(comm, 1000, DataType::f64);
    second.join();
  });
}

TEST(Mpi, ASecondThreadMayUseADuplicate) { EXPECT_EQ(run_under_mpi(3, "SecondThread"), 0); }

}  // namespace
}  // namespace espalier::comm
