// Every task's training on simulated GPUs, by the code that runs on real ones: what comes out is
// the exact engine's to rounding, in every order in which the devices may run, and a fault in the
// exchange is found.
#include <gtest/gtest.h>

#include "engine/training_rank.h"
#include "simulated/mutant.h"
#include "simulated/tensors.h"

namespace espalier::engine {
namespace {

using simulated::Mutant;
using simulated::Mutation;

constexpr double kRounding = 1e-10;  // f64 sums of some hundred terms of order 1, in another order

Training training(bool exact) {
  return {.batch = 8, .steps = 2, .engine = {.exact = exact, .bucket_values = 64}};
}

// Of one rank on threads.
State expected(const Toy& toy) {
  State state;
  comm::run_ranks(1, [&](comm::Communicator& control) {
    const auto data = control.duplicate();
    Rank rank(toy, control, *data, training(/*exact=*/true));
    for (int64_t step = 0; step < training(true).steps; ++step) rank.step(step);
    state = rank.state();
  });
  return state;
}

struct Found {
  std::string text;     // of faults and errors
  double distance = 0;  // of the farthest rank's state from what is expected

  bool nothing() const { return text.empty() && distance < kRounding; }
};

Found train(const Toy& toy, const State& expected, int ranks, const simulated::Options& options,
            Mutation mutation = Mutation::kNone,
            const comm::CudaModule& module = simulated::World::module()) {
  const simulated::TrackedTensors tracked;
  std::vector<double> distances(static_cast<size_t>(ranks));
  const simulated::Report report = simulated::run_ranks(
      ranks, options,
      [&](comm::Communicator& control, comm::Communicator& nccl) {
        Mutant data(nccl, mutation);
        Training devices = training(/*exact=*/false);
        devices.engine.gpu = {&module, control.rank()};
        Rank rank(toy, control, data, devices);
        for (int64_t step = 0; step < training(false).steps; ++step) rank.step(step);
        data.synchronize(data.compute_stream());
        distances[static_cast<size_t>(control.rank())] = rank.state().distance_to(expected);
      },
      module);
  // One that is not a number counts as far away.
  double farthest = 0;
  for (const double distance : distances)
    farthest = distance <= farthest ? farthest : std::isnan(distance) ? INFINITY : distance;
  return {report.text(), farthest};
}

class OnDevices : public testing::TestWithParam<std::string> {};
INSTANTIATE_TEST_SUITE_P(Registry, OnDevices, testing::ValuesIn(Registry<pretext::Task>::names()),
                         [](const auto& test) { return test.param; });

TEST_P(OnDevices, TrainsAsTheExactEngineDoesInAnyOrder) {
  const Toy toy(GetParam(), "batch", "f64");
  const State state = expected(toy);
  for (const int ranks : {1, 2, 3})
    for (uint64_t seed = 0; seed < 4; ++seed) {
      const Found found = train(toy, state, ranks, {.seed = seed});
      ASSERT_EQ(found.text, "") << ranks << " ranks, seed " << seed;
      ASSERT_LT(found.distance, kRounding) << ranks << " ranks, seed " << seed;
    }
}

// Whether one of ten schedules finds something. What is mutated may hang, and is not waited for.
bool is_caught(const Toy& toy, const State& expected, Mutation mutation) {
  for (uint64_t seed = 0; seed < 10; ++seed) {
    simulated::Options options{.seed = seed};
    if (mutation != Mutation::kNone) options.deadline_seconds = 0.5;
    if (!train(toy, expected, 2, options, mutation).nothing()) return true;
  }
  return false;
}

TEST(MutatedExchange, IsFoundInTheWeights) {
  const Toy toy("rotation", "batch", "f64");
  const State state = expected(toy);
  EXPECT_FALSE(is_caught(toy, state, Mutation::kNone));
  for (const Mutation mutation : {Mutation::kMissingWait, Mutation::kSwappedBuckets,
                                  Mutation::kSkippedBucket, Mutation::kFreed, Mutation::kReused})
    EXPECT_TRUE(is_caught(toy, state, mutation)) << static_cast<int>(mutation);
}

// Alone a rank orders nothing but its batches.
TEST(MutatedCopy, IsFoundInTheWeights) {
  const Toy toy("rotation", "batch", "f64");
  const State state = expected(toy);
  comm::CudaModule spoiled = simulated::World::module();
  spoiled.order = [](int, comm::Stream, comm::CudaEvent, comm::CudaText*) { return true; };
  int caught = 0;
  for (uint64_t seed = 0; seed < 20; ++seed) {
    EXPECT_TRUE(train(toy, state, 1, {.seed = seed}).nothing());
    if (!train(toy, state, 1, {.seed = seed}, Mutation::kNone, spoiled).nothing()) ++caught;
  }
  EXPECT_GT(caught, 5);
}

// The engine's own errors and those of its peers abort the communicator on every rank.
TEST(MutatedExchange, NoRankFinalizesAfterAFailure) {
  const Toy toy("rotation", "batch", "f64");
  comm::CudaModule spoiled = simulated::World::module();
  spoiled.abort = [](void* communicator) {
    comm::CudaText reason;
    simulated::World::module().finalize(communicator, &reason);
    simulated::World::module().destroy(communicator);
  };
  const State state = expected(toy);
  int caught = 0;
  for (int64_t call = 0; call < 8; ++call) {
    const simulated::Options options{.seed = static_cast<uint64_t>(call),
                                     .fails = {{static_cast<int>(call % 2), call}},
                                     .deadline_seconds = 1};
    const Found found = train(toy, state, 2, options);
    EXPECT_EQ(found.text.find("finalizes"), std::string::npos) << found.text;
    EXPECT_NE(found.text.find("rank 1:"), std::string::npos) << "no error on call " << call;
    const Found spoilt = train(toy, state, 2, options, Mutation::kNone, spoiled);
    if (spoilt.text.find("after a failure") != std::string::npos) ++caught;
  }
  EXPECT_GT(caught, 0);
}

}  // namespace
}  // namespace espalier::engine
