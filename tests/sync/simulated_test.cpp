// The gradient's sum on simulated GPUs: right in every order in which they may run, and a fault in
// the exchange is found.
#include <gtest/gtest.h>
#include <torch/torch.h>

#include <thread>

#include "simulated/mutant.h"
#include "simulated/tensors.h"
#include "sync/gradient_sum.h"

namespace espalier::sync {
namespace {

using simulated::Mutant;
using simulated::Mutation;

constexpr uint64_t kSchedules = 1000;
constexpr int64_t kLanes = 4, kSteps = 2;
const std::vector<int64_t> kGradients = {5, 16, 20, 7}, kStatistics = {4};

struct Case {
  std::optional<at::ScalarType> wire = {};
  int64_t workers = 1;
};

std::vector<at::Tensor> zeros(const std::vector<int64_t>& sizes) {
  std::vector<at::Tensor> tensors;
  for (const int64_t size : sizes) tensors.push_back(torch::zeros({size}, at::kDouble));
  return tensors;
}

// Small integers: their sums over lanes, and a quarter of them, are exact in every type.
double value(int64_t lane, size_t tensor, int64_t step) {
  return static_cast<double>(lane + static_cast<int64_t>(tensor) + step);
}

double mean(size_t tensor, int64_t step) {
  double sum = 0;
  for (int64_t lane = 0; lane < kLanes; ++lane) sum += value(lane, tensor, step);
  return sum / static_cast<double>(kLanes);
}

void run_lane(GradientSum& sum, const LanePlan& plan, int64_t worker, int64_t lane, int64_t step) {
  GradientSum::Buffer& buffer = sum.start(worker, lane);
  for (size_t bucket = 0; bucket < sum.plan().buckets().size(); ++bucket) {
    for (const size_t tensor : sum.plan().buckets()[bucket].tensors) {
      const double given = value(plan.first() + lane, tensor, step);
      sum.put(buffer, tensor, torch::full({}, given, at::kDouble));
    }
    sum.pass(lane, bucket);
  }
}

void run_lanes(GradientSum& sum, const LanePlan& plan, int64_t workers, int64_t step) {
  const auto work = [&](int64_t worker) {
    for (int64_t lane = worker; lane < plan.count(); lane += workers)
      run_lane(sum, plan, worker, lane, step);
  };
  std::vector<std::jthread> others;
  for (int64_t worker = 1; worker < workers; ++worker) others.emplace_back(work, worker);
  work(0);
}

simulated::Body steps_of(const Case& of, Mutation mutation = Mutation::kNone) {
  return [=](comm::Communicator&, comm::Communicator& nccl) {
    Mutant data(nccl, mutation);
    const LanePlan plan(kLanes, nccl.size(), nccl.rank());
    const int64_t workers = std::min(of.workers, plan.count());
    GradientSum sum(zeros(kGradients), zeros(kStatistics), plan, data,
                    {.exact = false, .workers = workers, .bucket_values = 16, .wire = of.wire});
    check(sum.plan().buckets().size() == 5, Kind::kBug, "not the buckets that were meant");
    bool right = true;  // looked at in the end, so that ranks go on alike
    for (int64_t step = 0; step < kSteps; ++step) {
      sum.begin(kLanes);
      run_lanes(sum, plan, workers, step);
      sum.finish();
      simulated::World::current().at_rest([&] {
        const auto& views = sum.result().views;
        for (size_t i = 0; i < views.size(); ++i)
          for (int64_t k = 0; k < views[i].numel(); ++k)
            right &= views[i].const_data_ptr<double>()[k] == mean(i, step);
      });
    }
    data.synchronize(data.compute_stream());
    check(right, Kind::kBug, "a wrong sum");
  };
}

class Ranks : public testing::TestWithParam<int> {};
INSTANTIATE_TEST_SUITE_P(OneToThree, Ranks, testing::Values(1, 2, 3));

TEST_P(Ranks, GradientSumIsRightInAnyOrder) {
  const simulated::TrackedTensors tracked;
  const Case cases[] = {{}, {.wire = at::kBFloat16}};
  for (uint64_t seed = 0; seed < kSchedules; ++seed)
    ASSERT_EQ(simulated::run_ranks(GetParam(), {.seed = seed}, steps_of(cases[seed % 2])).text(),
              "")
        << "seed " << seed;
}

TEST_P(Ranks, WorkersThatShareAStreamAreRightInAnyOrder) {
  const simulated::TrackedTensors tracked;
  for (uint64_t seed = 0; seed < kSchedules / 4; ++seed)
    ASSERT_EQ(
        simulated::run_ranks(GetParam(), {.seed = seed}, steps_of({at::kFloat, /*workers=*/2}))
            .text(),
        "")
        << "seed " << seed;
}

// How many of 100 schedules of two ranks find a fault.
int caught(const Case& of, Mutation mutation, const std::string& text = "",
           const simulated::Options& options = {},
           const comm::CudaModule& module = simulated::World::module()) {
  const simulated::TrackedTensors tracked;
  int caught = 0;
  for (uint64_t seed = 0; seed < 100; ++seed) {
    simulated::Options each = options;
    each.seed = seed;
    const std::string found = simulated::run_ranks(2, each, steps_of(of, mutation), module).text();
    if (!found.empty() && found.find(text) != std::string::npos) ++caught;
  }
  return caught;
}

TEST(Mutations, NothingIsFoundWithoutOne) {
  EXPECT_EQ(caught({}, Mutation::kNone), 0);
  EXPECT_EQ(caught({.wire = at::kBFloat16}, Mutation::kNone), 0);
}

TEST(Mutations, AMissingWaitIsCaught) {
  EXPECT_GT(caught({}, Mutation::kMissingWait, "a wrong sum"), 50);
}

TEST(Mutations, ABufferThatDiesBeforeTheDeviceHasReadItIsCaught) {
  // What is sent in 16 bit lives as long as the call that exchanges it: without the wait it is
  // gone.
  EXPECT_GT(caught({.wire = at::kBFloat16}, Mutation::kMissingWait, "uses freed memory"), 50);
  EXPECT_GT(caught({}, Mutation::kFreed, "uses freed memory", {.deadline_seconds = 1}), 50);
}

TEST(Mutations, ABufferThatIsReusedTooEarlyIsCaught) {
  EXPECT_GT(caught({}, Mutation::kReused, "a wrong sum"), 50);
}

TEST(Mutations, SwappedBucketsAreCaught) {
  EXPECT_EQ(caught({}, Mutation::kSwappedBuckets, "a wrong sum"), 100);
}

TEST(Mutations, ASkippedBucketIsCaught) {
  EXPECT_EQ(caught({}, Mutation::kSkippedBucket, "a wrong sum"), 100);
}

TEST(Mutations, FinalizeAfterAFailureIsCaught) {
  comm::CudaModule spoiled = simulated::World::module();
  spoiled.abort = [](void* communicator) {
    comm::CudaText reason;
    simulated::World::module().finalize(communicator, &reason);
    simulated::World::module().destroy(communicator);
  };
  const simulated::Options failing{.fails = {{0, 3}}, .deadline_seconds = 1};
  EXPECT_EQ(caught({}, Mutation::kNone, "after a failure", failing), 0);
  EXPECT_GT(caught({}, Mutation::kNone, "after a failure", failing, spoiled), 50);
}

}  // namespace
}  // namespace espalier::sync
