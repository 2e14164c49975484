// What every communicator keeps, shown on the threads one at several sizes.
#include "comm/communicator.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "comm/check_comm.h"
#include "comm/thread_comm.h"
#include "core/clock.h"
#include "support/counting_communicator.h"

namespace espalier::comm {
namespace {

class EveryOperation : public testing::TestWithParam<std::tuple<int, int64_t>> {};

TEST_P(EveryOperation, IsRightOnEveryTypeAndOnADuplicate) {
  const auto [ranks, count] = GetParam();
  run_ranks(ranks, [&, count = count](Communicator& comm) {
    const std::unique_ptr<Communicator> other = comm.duplicate();
    for (const DataType type : kDataTypes) {
      check_communicator(comm, count, type);
      check_communicator(*other, count, type);
    }
  });
}

INSTANTIATE_TEST_SUITE_P(RanksAndCounts, EveryOperation,
                         testing::Combine(testing::Values(1, 2, 3, 5),
                                          testing::Values(0, 1, 4, 1000)));

// Forwards to a sound communicator and spoils the last byte that one operation gave.
class Spoiling : public Communicator {
 public:
  Spoiling(Communicator& sound, std::string operation)
      : sound_(sound), operation_(std::move(operation)) {}

  int rank() const override { return sound_.rank(); }
  int size() const override { return sound_.size(); }
  std::string name() const override { return sound_.name(); }
  Work all_reduce(void* buffer, int64_t count, DataType type, Stream) override {
    return spoil("all_reduce", sound_.all_reduce(buffer, count, type), buffer, count, type);
  }
  Work all_gather(const void* send, void* into, int64_t count, DataType type, Stream) override {
    return spoil("all_gather", sound_.all_gather(send, into, count, type), into, count * size(),
                 type);
  }
  Work reduce_scatter(const void* send, void* into, int64_t count, DataType type, Stream) override {
    return spoil("reduce_scatter", sound_.reduce_scatter(send, into, count, type), into, count,
                 type);
  }
  Work broadcast(void* buffer, int64_t count, DataType type, int root, Stream) override {
    return spoil("broadcast", sound_.broadcast(buffer, count, type, root), buffer, count, type);
  }
  Work exchange(const std::vector<Outgoing>& sends, const std::vector<Incoming>& receives,
                DataType type, Stream) override {
    Work work = sound_.exchange(sends, receives, type);
    if (receives.empty()) return work;
    return spoil("receive", std::move(work), receives[0].buffer, receives[0].count, type);
  }
  void barrier() override { sound_.barrier(); }
  std::unique_ptr<Communicator> duplicate() override { return sound_.duplicate(); }
  void raise(const Error& error) override { sound_.raise(error); }
  void set_deadline(double seconds) override { sound_.set_deadline(seconds); }
  double deadline() const override { return sound_.deadline(); }

 private:
  Work spoil(const std::string& operation, Work work, void* buffer, int64_t count, DataType type) {
    work.wait();
    if (operation == operation_)
      static_cast<uint8_t*>(buffer)[count * static_cast<int64_t>(size_of(type)) - 1] ^= 0x40;
    return Work();
  }

  Communicator& sound_;
  std::string operation_;
};

TEST(CheckCommunicator, NamesTheOperationThatIsWrong) {
  for (const std::string operation :
       {"all_reduce", "all_gather", "reduce_scatter", "broadcast", "receive"}) {
    std::string message;
    const auto body = [&](Communicator& comm) {
      Spoiling spoiling(comm, operation);
      for (const DataType type : kDataTypes) check_communicator(spoiling, 7, type);
    };
    try {
      run_ranks(2, body);
    } catch (const Error& error) {
      message = error.what();
    }
    EXPECT_EQ(message.substr(0, operation.size()), operation) << message;
  }
}

TEST(Communicator, MessagesOfOnePairArriveInOrder) {
  run_ranks(2, [](Communicator& comm) {
    std::vector<int64_t> values(100);
    std::vector<Work> works;
    for (int64_t i = 0; i < 100; ++i) {
      if (comm.rank() == 0) values[static_cast<size_t>(i)] = i;
      int64_t* value = &values[static_cast<size_t>(i)];
      works.push_back(comm.rank() == 0 ? comm.send(value, 1, DataType::i64, 1)
                                       : comm.receive(value, 1, DataType::i64, 0));
    }
    for (Work& work : works) work.wait();
    for (int64_t i = 0; i < 100; ++i) EXPECT_EQ(values[static_cast<size_t>(i)], i);
  });
}

TEST(Communicator, SumsAreTakenInRankOrderWhoeverComesFirst) {
  const float terms[] = {1e8f, 1.0f, -1e8f, 1.0f};  // ((1e8 + 1) - 1e8) + 1 = 1 in f32
  for (int last = 0; last < 4; ++last) {
    run_ranks(4, [&](Communicator& comm) {
      if (comm.rank() == last) std::this_thread::sleep_for(std::chrono::milliseconds(5));
      float sum = terms[comm.rank()];
      comm.all_reduce(&sum, 1, DataType::f32).wait();
      EXPECT_EQ(sum, 1.0f);
    });
  }
}

TEST(Communicator, OperationsOfADuplicateDoNotMix) {
  run_ranks(2, [](Communicator& comm) {
    const std::unique_ptr<Communicator> other = comm.duplicate();
    double a = comm.rank(), b = 10.0 * comm.rank();
    // The ranks call them in opposite orders.
    Work first = comm.rank() == 0 ? comm.all_reduce(&a, 1, DataType::f64)
                                  : other->all_reduce(&b, 1, DataType::f64);
    Work second = comm.rank() == 0 ? other->all_reduce(&b, 1, DataType::f64)
                                   : comm.all_reduce(&a, 1, DataType::f64);
    first.wait();
    second.wait();
    EXPECT_EQ(a, 1);
    EXPECT_EQ(b, 10);
  });
}

TEST(Communicator, RaiseEndsThePeersWaitsAtOnceWithItsError) {
  const Stopwatch watch;
  std::vector<std::string> heard(3);
  const auto body = [&](Communicator& comm) {
    if (comm.rank() == 1) throw Error(Kind::kIo, "disk full");
    try {
      comm.barrier();
    } catch (const Error& error) {
      heard[static_cast<size_t>(comm.rank())] =
          fmt::format("{} {}", error.exit_code(), error.what());
      throw;
    }
  };
  EXPECT_THROW(run_ranks(3, body), Error);
  EXPECT_EQ(heard[0], "4 rank 1: disk full");
  EXPECT_EQ(heard[2], "4 rank 1: disk full");
  EXPECT_LT(watch.seconds(), 2);
}

TEST(Communicator, AWaitEndsAtItsDeadlineAndNamesTheOperation) {
  const Stopwatch watch;
  std::string message;
  run_ranks(2, [&](Communicator& comm) {
    comm.set_deadline(0.05);
    if (comm.rank() == 1) return;  // never comes
    float value = 0;
    try {
      comm.all_reduce(&value, 1, DataType::f32).wait();
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), Kind::kPeer);
      message = error.what();
    }
  });
  EXPECT_NE(message.find("all_reduce of 1 f32"), std::string::npos) << message;
  EXPECT_LT(watch.seconds(), 2);
}

TEST(Communicator, CallsThatDoNotMatchAreABugOnEveryRank) {
  run_ranks(2, [](Communicator& comm) {
    double value = 0;
    try {
      comm.broadcast(&value, comm.rank() + 1, DataType::u8, 0).wait();
      ADD_FAILURE() << "nothing was said";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), Kind::kBug);
      EXPECT_NE(std::string(error.what()).find("broadcast of 1 u8 from rank 0"), std::string::npos);
    }
  });
}

TEST(Communicator, ADroppedWorkIsStillDone) {
  run_ranks(3, [](Communicator& comm) {
    int64_t value = 1;
    comm.all_reduce(&value, 1, DataType::i64);
    EXPECT_EQ(value, 3);
  });
}

TEST(Communicator, AnExchangeIsAnyNumberOfMessagesAtOnce) {
  run_ranks(3, [](Communicator& comm) {
    const int rank = comm.rank();
    std::vector<int64_t> sent(6), received(6, -1);
    std::vector<Outgoing> sends;
    std::vector<Incoming> receives;
    for (int i = 0; i < 6; ++i) {  // two messages to each rank, itself included
      sent[i] = 100 * rank + i;
      sends.push_back({&sent[i], 1, i % 3});
      receives.push_back({&received[i], 1, i % 3});
    }
    comm.exchange(sends, receives, DataType::i64).wait();
    for (int i = 0; i < 6; ++i) EXPECT_EQ(received[i], 100 * (i % 3) + rank + (i < 3 ? 0 : 3));
    comm.exchange({}, {}, DataType::i64).wait();
  });
}

TEST(Communicator, OnTheHostThenWaits) {
  run_ranks(2, [](Communicator& comm) {
    EXPECT_EQ(comm.compute_stream(), nullptr);
    int64_t value = 1;
    Work work = comm.all_reduce(&value, 1, DataType::i64, comm.compute_stream());
    work.then(comm.compute_stream());
    EXPECT_EQ(value, 2);
    int elsewhere;
    comm.all_reduce(&value, 1, DataType::i64).then(&elsewhere);
    EXPECT_EQ(value, 4);
    comm.synchronize(comm.compute_stream());
  });
}

TEST(CountingCommunicator, CountsWhatARankSends) {
  run_ranks(4, [](Communicator& comm) {
    CountingCommunicator counting(comm);
    check_communicator(counting, 100, DataType::f32);
    EXPECT_EQ(counting.count("all_reduce").bytes, 2 * 400 * 3 / 4);
    EXPECT_EQ(counting.count("reduce_scatter").bytes, 400 * 3);
    EXPECT_EQ(counting.count("all_gather").bytes, 400 * 3);
    EXPECT_EQ(counting.count("broadcast").bytes, comm.rank() == 3 ? 400 : 0);
    EXPECT_EQ(counting.count("exchange").bytes, 400);
    EXPECT_EQ(counting.count("exchange").messages, 1);
    EXPECT_EQ(counting.total().operations, 5);
    counting.reset();
    float sent = 0, received = 0;
    Communicator& as_any = counting;
    as_any.exchange({{&sent, 1, comm.rank()}}, {{&received, 1, comm.rank()}}, DataType::f32).wait();
    EXPECT_EQ(counting.total().bytes, 0);
  });
}

TEST(RunRanks, RethrowsTheErrorThatCameFirst) {
  try {
    run_ranks(3, [](Communicator& comm) {
      if (comm.rank() == 2) throw Error(Kind::kData, "bad shard");
      comm.barrier();
    });
    ADD_FAILURE() << "nothing was thrown";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "bad shard");
  }
}

}  // namespace
}  // namespace espalier::comm
