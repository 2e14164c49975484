// The gradient's sum over lanes and ranks, against the tree as its definition says.
#include "sync/gradient_sum.h"

#include <gmock/gmock.h>
#include <torch/torch.h>

#include <bit>
#include <random>
#include <thread>

#include "comm/thread_comm.h"
#include "core/hash.h"
#include "core/random.h"
#include "support/counting_communicator.h"
#include "support/tolerance.h"

namespace espalier::sync {
namespace {

constexpr int64_t kBatch = 24;
const std::vector<std::vector<int64_t>> kShapes = {{3, 5},    {1000, 70}, {11},
                                                   {2000, 3}, {1},        {40, 9}};

std::vector<at::Tensor> like() {
  std::vector<at::Tensor> tensors;
  for (const auto& shape : kShapes) tensors.push_back(torch::empty(shape));
  return tensors;
}

// What lane `lane` has for tensor `i`: sums depend on their order.
at::Tensor value(int64_t lane, size_t i) {
  Draw draw(4, "value", {static_cast<uint64_t>(lane), i});
  at::Tensor tensor = torch::empty(kShapes[i]);
  for (int64_t k = 0; k < tensor.numel(); ++k)
    tensor.data_ptr<float>()[k] =
        static_cast<float>(std::exp2(draw.uniform(-9, 9)) * draw.normal());
  return tensor;
}

// The slow twin: recursive, in one process.
at::Tensor tree(int64_t lanes, int64_t first, int64_t width, size_t i) {
  if (first >= lanes) return {};
  if (width == 1) return value(first, i);
  const at::Tensor left = tree(lanes, first, width / 2, i);
  const at::Tensor right = tree(lanes, first + width / 2, width / 2, i);
  return right.defined() ? left + right : left;
}

// Runs lanes on threads, each of which gives its tensors in an order and with pauses of its own.
void run_lanes(GradientSum& sum, const LanePlan& plan, int64_t workers) {
  std::atomic<int64_t> next = 0;
  std::vector<std::jthread> threads;
  for (int64_t worker = 0; worker < workers; ++worker)
    threads.emplace_back([&, worker] {
      std::mt19937 random{std::random_device{}()};
      for (;;) {
        const int64_t lane = next++;
        if (lane >= plan.count()) return;
        GradientSum::Buffer* buffer = &sum.start(worker, lane);
        std::vector<size_t> left;
        for (const auto& bucket : sum.plan().buckets()) left.push_back(bucket.tensors.size());
        for (size_t i = kShapes.size(); i-- > 0;) {
          if (random() % 4 == 0)
            std::this_thread::sleep_for(std::chrono::microseconds(random() % 50));
          sum.put(*buffer, i, value(plan.first() + lane, i));
          const size_t bucket = sum.plan().bucket_of(i);
          if (--left[bucket] == 0) sum.pass(lane, bucket);
        }
      }
    });
}

std::string sha256_of(const GradientSum& sum) {
  Sha256 hash;
  for (const at::Tensor& tensor : sum.result().views)
    hash.update(tensor.contiguous().const_data_ptr(), tensor.nbytes());
  return hash.hex();
}

std::string expected_sha256(int64_t lanes) {
  Sha256 hash;
  const auto width = static_cast<int64_t>(std::bit_ceil(static_cast<uint64_t>(lanes)));
  for (size_t i = 0; i < kShapes.size(); ++i) {
    const at::Tensor sum = tree(lanes, 0, width, i).div(kBatch);
    hash.update(sum.const_data_ptr(), sum.nbytes());
  }
  return hash.hex();
}

TEST(GradientSum, HasTheBitsOfTheTreeOnAnyRanksAndWorkers) {
  for (const int64_t lanes : {1, 2, 3, 6, 8}) {
    const std::string expected = expected_sha256(lanes);
    for (int ranks = 1; ranks <= lanes; ++ranks)
      for (const int64_t workers : {1, 2, 4})
        comm::run_ranks(ranks, [&](comm::Communicator& comm) {
          const LanePlan plan(lanes, ranks, comm.rank());
          GradientSum sum(like(), {}, plan, comm,
                          {.workers = std::min(workers, plan.count()), .bucket_values = 20000});
          for (int step = 0; step < 3; ++step) {
            sum.begin(kBatch);
            run_lanes(sum, plan, std::min(workers, plan.count()));
            sum.finish();
            EXPECT_EQ(sha256_of(sum), expected)
                << lanes << " lanes, " << ranks << " ranks, " << workers << " workers";
          }
        });
  }
}

TEST(GradientSum, FastModeAgreesToRoundingAlsoIn16Bit) {
  for (const auto wire : {std::optional<at::ScalarType>(), std::optional(at::kBFloat16)})
    for (const int ranks : {1, 2, 3})
      comm::run_ranks(ranks, [&](comm::Communicator& comm) {
        const LanePlan plan(8, ranks, comm.rank());
        GradientSum sum(like(), {}, plan, comm,
                        {.exact = false, .workers = 2, .bucket_values = 20000, .wire = wire});
        EXPECT_EQ(sum.buffer_count(), 2);
        sum.begin(kBatch);
        run_lanes(sum, plan, 2);
        sum.finish();
        for (size_t i = 0; i < kShapes.size(); ++i) {
          at::Tensor size = torch::zeros(kShapes[i]);
          for (int64_t lane = 0; lane < 8; ++lane) size += value(lane, i).abs();
          const double rounding = wire ? std::exp2(-6) : tolerance::kRounding32;
          const at::Tensor error = sum.result().views[i] - tree(8, 0, 8, i).div(kBatch);
          EXPECT_TRUE((error.abs() <= rounding * size / kBatch).all().item<bool>());
        }
      });
}

// Wire and work of a rank are those of a ring, whatever the number of ranks.
TEST(GradientSum, SendsNoMoreThanARing) {
  for (const int ranks : {1, 2, 4, 8})
    comm::run_ranks(ranks, [&](comm::Communicator& comm) {
      CountingCommunicator counting(comm);
      const LanePlan plan(8, ranks, comm.rank());
      GradientSum sum(like(), {}, plan, counting, {.bucket_values = 20000});
      sum.begin(kBatch);
      run_lanes(sum, plan, 1);
      sum.finish();
      double bytes = 0;
      for (const at::Tensor& tensor : like()) bytes += static_cast<double>(tensor.nbytes());
      EXPECT_LE(static_cast<double>(counting.total().bytes), 1.01 * 2 * bytes * (ranks - 1) / ranks)
          << ranks << " ranks";
    });
}

TEST(GradientSum, HoldsAFewBuffersInsteadOfOneALane) {
  const auto buffers = [](int64_t lanes, int ranks, int64_t workers) {
    return GradientSum::buffers_of(LanePlan(lanes, ranks, 0), workers, true);
  };
  EXPECT_EQ(buffers(1, 1, 1), 1);
  EXPECT_EQ(buffers(8, 1, 1), 4);
  EXPECT_EQ(buffers(64, 1, 1), 7);
  EXPECT_EQ(buffers(64, 1, 4), 10);
  EXPECT_EQ(buffers(64, 8, 1), 4);
  EXPECT_EQ(GradientSum::buffers_of(LanePlan(64, 1, 0), 2, false), 2);
}

TEST(GradientSum, ATensorThatALaneLacksCountsAsZero) {
  comm::run_ranks(1, [&](comm::Communicator& comm) {
    const LanePlan plan(2, 1, 0);
    GradientSum sum(like(), {}, plan, comm, {.bucket_values = 20000});
    for (int step = 0; step < 2; ++step) {
      sum.begin(1);
      for (int64_t lane = 0; lane < 2; ++lane) {
        auto& buffer = sum.start(0, lane);
        if (lane == 0) sum.put(buffer, 2, value(0, 2));
        for (size_t bucket = 0; bucket < sum.plan().buckets().size(); ++bucket)
          sum.pass(lane, bucket);
      }
      sum.finish();
      EXPECT_TRUE(sum.result().views[2].equal(value(0, 2)));
      EXPECT_FALSE(sum.result().views[1].any().item<bool>());
    }
  });
}

TEST(GradientSum, ProbesTellWhoseValuesAreNotFinite) {
  comm::run_ranks(2, [&](comm::Communicator& comm) {
    const LanePlan plan(4, 2, comm.rank());
    GradientSum sum(like(), {}, plan, comm, {.bucket_values = 20000});
    for (const bool bad : {false, true, false}) {
      sum.begin(kBatch);
      for (int64_t lane = 0; lane < plan.count(); ++lane) {
        auto& buffer = sum.start(0, lane);
        if (bad && comm.rank() == 1 && lane == 1)
          sum.put(buffer, 0, torch::full(kShapes[0], std::nanf("")));
        for (size_t bucket = 0; bucket < sum.plan().buckets().size(); ++bucket)
          sum.pass(lane, bucket);
      }
      sum.finish();
      EXPECT_EQ(std::isnan(sum.sum_probe().item<float>()), bad);
      EXPECT_EQ(std::isnan(sum.own_probe().item<float>()), bad && comm.rank() == 1);
    }
  });
}

// A communicator whose exchange of one bucket fails on one rank.
class Failing : public CountingCommunicator {
 public:
  Failing(comm::Communicator& inner, int64_t at) : CountingCommunicator(inner), at_(at) {}
  comm::Work exchange(const std::vector<comm::Outgoing>& sends,
                      const std::vector<comm::Incoming>& receives, comm::DataType type,
                      comm::Stream stream) override {
    check(count("exchange").operations != at_, Kind::kIo, "the wire is cut");
    return CountingCommunicator::exchange(sends, receives, type, stream);
  }

 private:
  int64_t at_;
};

TEST(GradientSum, AnErrorInsideABucketsExchangeEndsAllRanks) {
  std::atomic<int> ended = 0;
  EXPECT_ANY_THROW(comm::run_ranks(3, [&](comm::Communicator& comm) {
    comm.set_deadline(5);
    Failing data(comm, comm.rank() == 1 ? 0 : -1);
    const LanePlan plan(8, 3, comm.rank());
    GradientSum sum(like(), {}, plan, data, {.bucket_values = 20000});
    sum.begin(kBatch);
    run_lanes(sum, plan, 1);
    try {
      sum.finish();
    } catch (const Error& error) {
      EXPECT_THAT(error.what(), testing::HasSubstr("the wire is cut"));
      ++ended;
      throw;
    }
  }));
  EXPECT_EQ(ended, 3);
}

TEST(GradientSum, AFailedLaneFreesThoseThatWaitForItsBuffer) {
  comm::run_ranks(1, [&](comm::Communicator& comm) {
    GradientSum sum(like(), {}, LanePlan(8, 1, 0), comm, {.workers = 1});
    sum.begin(kBatch);
    for (int64_t lane = 0; lane < sum.buffer_count(); ++lane) sum.start(0, lane);
    std::thread later([&] {
      std::this_thread::sleep_for(std::chrono::milliseconds(20));
      sum.fail(std::make_exception_ptr(Error(Kind::kData, "a bad sample")));
    });
    EXPECT_THROW(sum.start(0, sum.buffer_count()), Error);
    later.join();
  });
}

}  // namespace
}  // namespace espalier::sync
