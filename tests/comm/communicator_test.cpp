// What every communicator keeps, shown on the threads one at several sizes.
#include "comm/communicator.h"

#include <gtest/gtest.h>

#include <chrono>
#include <thread>

#include "comm/arithmetic.h"
#include "comm/thread_comm.h"
#include "core/clock.h"

namespace espalier::comm {
namespace {

constexpr DataType kTypes[] = {DataType::u8,  DataType::i64, DataType::bf16,
                               DataType::f16, DataType::f32, DataType::f64};

// Elements of any type, set and read as small integers, which all types hold exactly.
class Buffer {
 public:
  Buffer(int64_t count, DataType type)
      : type_(type), bytes_(static_cast<size_t>(count) * size_of(type)) {}

  void* data() { return bytes_.data(); }
  void set(int64_t i, int value) {
    switch (type_) {
      case DataType::u8:
        return put(i, static_cast<uint8_t>(value));
      case DataType::i64:
        return put(i, static_cast<int64_t>(value));
      case DataType::bf16:
        return put(i, float_to_bf16(static_cast<float>(value)));
      case DataType::f16:
        return put(i, float_to_f16(static_cast<float>(value)));
      case DataType::f32:
        return put(i, static_cast<float>(value));
      case DataType::f64:
        return put(i, static_cast<double>(value));
    }
  }
  double get(int64_t i) const {
    switch (type_) {
      case DataType::u8:
        return at<uint8_t>(i);
      case DataType::i64:
        return static_cast<double>(at<int64_t>(i));
      case DataType::bf16:
        return bf16_to_float(at<uint16_t>(i));
      case DataType::f16:
        return f16_to_float(at<uint16_t>(i));
      case DataType::f32:
        return at<float>(i);
      default:
        return at<double>(i);
    }
  }

 private:
  template <typename T>
  void put(int64_t i, T value) {
    reinterpret_cast<T*>(bytes_.data())[i] = value;
  }
  template <typename T>
  T at(int64_t i) const {
    return reinterpret_cast<const T*>(bytes_.data())[i];
  }

  DataType type_;
  std::vector<std::byte> bytes_;
};

int value(int rank, int64_t i) { return static_cast<int>((3 * i + rank) % 7); }

int sum_over(int ranks, int64_t i) {
  int sum = 0;
  for (int rank = 0; rank < ranks; ++rank) sum += value(rank, i);
  return sum;
}

class Communicators : public testing::TestWithParam<std::tuple<int, int64_t>> {
 protected:
  int ranks() const { return std::get<0>(GetParam()); }
  int64_t count() const { return std::get<1>(GetParam()); }

  void on_every_type(const std::function<void(Communicator&, DataType)>& body) const {
    run_ranks(ranks(), [&](Communicator& comm) {
      for (const DataType type : kTypes) body(comm, type);
    });
  }
};

TEST_P(Communicators, AllReduceLeavesTheSumEverywhere) {
  on_every_type([&](Communicator& comm, DataType type) {
    Buffer buffer(count(), type);
    for (int64_t i = 0; i < count(); ++i) buffer.set(i, value(comm.rank(), i));
    comm.all_reduce(buffer.data(), count(), type).wait();
    for (int64_t i = 0; i < count(); ++i) ASSERT_EQ(buffer.get(i), sum_over(ranks(), i));
  });
}

TEST_P(Communicators, AllGatherKeepsRankOrder) {
  on_every_type([&](Communicator& comm, DataType type) {
    Buffer send(count(), type), receive(count() * ranks(), type);
    for (int64_t i = 0; i < count(); ++i) send.set(i, value(comm.rank(), i));
    comm.all_gather(send.data(), receive.data(), count(), type).wait();
    for (int rank = 0; rank < ranks(); ++rank)
      for (int64_t i = 0; i < count(); ++i)
        ASSERT_EQ(receive.get(rank * count() + i), value(rank, i));
  });
}

TEST_P(Communicators, ReduceScatterGivesEachRankItsBlockOfTheSum) {
  on_every_type([&](Communicator& comm, DataType type) {
    Buffer send(count() * ranks(), type), receive(count(), type);
    for (int64_t i = 0; i < count() * ranks(); ++i) send.set(i, value(comm.rank(), i));
    comm.reduce_scatter(send.data(), receive.data(), count(), type).wait();
    for (int64_t i = 0; i < count(); ++i)
      ASSERT_EQ(receive.get(i), sum_over(ranks(), comm.rank() * count() + i));
  });
}

TEST_P(Communicators, BroadcastGivesTheRootsValues) {
  on_every_type([&](Communicator& comm, DataType type) {
    for (int root = 0; root < ranks(); ++root) {
      Buffer buffer(count(), type);
      for (int64_t i = 0; i < count(); ++i) buffer.set(i, value(comm.rank(), i));
      comm.broadcast(buffer.data(), count(), type, root).wait();
      for (int64_t i = 0; i < count(); ++i) ASSERT_EQ(buffer.get(i), value(root, i));
    }
  });
}

TEST_P(Communicators, MessagesRoundARingArrive) {
  on_every_type([&](Communicator& comm, DataType type) {
    const int next = (comm.rank() + 1) % ranks(), previous = (comm.rank() + ranks() - 1) % ranks();
    Buffer send(count(), type), receive(count(), type);
    for (int64_t i = 0; i < count(); ++i) send.set(i, value(comm.rank(), i));
    Work sent = comm.send(send.data(), count(), type, next);
    comm.receive(receive.data(), count(), type, previous).wait();
    sent.wait();
    for (int64_t i = 0; i < count(); ++i) ASSERT_EQ(receive.get(i), value(previous, i));
  });
}

INSTANTIATE_TEST_SUITE_P(RanksAndCounts, Communicators,
                         testing::Combine(testing::Values(1, 2, 3, 5),
                                          testing::Values(0, 1, 4, 1000)));

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

TEST(CommunicatorFactory, RefusesAControlOfAnotherSort) {
  run_ranks(1, [](Communicator& comm) {
    EXPECT_EQ(Registry<CommunicatorFactory>::create("thread")->create(comm, -1)->size(), 1);
    EXPECT_THROW(Registry<CommunicatorFactory>::create("mpi")->create(comm, -1), Error);
  });
}

}  // namespace
}  // namespace espalier::comm
