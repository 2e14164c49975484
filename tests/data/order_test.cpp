#include "data/order.h"

#include <gtest/gtest.h>

#include <map>
#include <vector>

#include "core/error.h"

namespace espalier::data {
namespace {

// The samples of steps [0, steps) as `ranks` ranks read them, in the order of positions.
std::vector<int64_t> stream(int64_t samples, int64_t batch, int64_t ranks, int64_t steps) {
  std::vector<int64_t> seen(static_cast<size_t>(steps * batch));
  for (int64_t rank = 0; rank < ranks; ++rank) {
    Order order(all(samples), 7);
    for (int64_t step = 0; step < steps; ++step) {
      for (int64_t i = batch * rank / ranks; i < batch * (rank + 1) / ranks; ++i) {
        seen[step * batch + i] = order.at(step * batch + i).sample;
      }
    }
  }
  return seen;
}

TEST(Order, VisitsEachSampleOnceAnEpochAtAnyBatchAndWorldSize) {
  constexpr int64_t kSamples = 103, kEpochs = 3;
  for (const int64_t batch : {1, 7, 10, 64, 103}) {
    for (const int64_t ranks : {1, 2, 3, 8}) {
      const auto seen = stream(kSamples, batch, ranks, steps_for_epochs(kEpochs, kSamples, batch));
      for (int64_t epoch = 0; epoch < kEpochs; ++epoch) {
        std::map<int64_t, int> visits;
        for (int64_t p = 0; p < kSamples; ++p) ++visits[seen[epoch * kSamples + p]];
        ASSERT_EQ(visits.size(), 103U) << "batch " << batch << ", ranks " << ranks;
      }
    }
  }
}

TEST(Order, IsFreeOfBatchAndWorldSize) {
  const auto expected = stream(50, 1, 1, 150);
  EXPECT_EQ(stream(50, 30, 3, 5), expected);
  EXPECT_EQ(stream(50, 15, 2, 10), expected);
}

TEST(Order, NeedsNoReplayToStartAnywhere) {
  Order from_start({3, 5, 8, 13}, 1);
  for (uint64_t p = 0; p < 400; ++p) from_start.at(p);
  Order fresh({3, 5, 8, 13}, 1);
  for (const uint64_t p : {399UL, 3UL, 398UL, 77UL, 4000000001UL}) {
    EXPECT_EQ(fresh.at(p).sample, from_start.at(p).sample);
    EXPECT_EQ(fresh.at(p).epoch, p / 4);
  }
}

TEST(Order, ChangesWithSeedAndEpoch) {
  const auto epoch = [](uint64_t seed, uint64_t number) {
    Order order(all(100), seed);
    std::vector<int64_t> samples;
    for (uint64_t i = 0; i < 100; ++i) samples.push_back(order.at(number * 100 + i).sample);
    return samples;
  };
  EXPECT_NE(epoch(1, 0), epoch(1, 1));
  EXPECT_NE(epoch(1, 0), epoch(2, 0));
  EXPECT_EQ(epoch(1, 1), epoch(1, 1));
}

TEST(Order, WithoutShuffleFollowsTheSelection) {
  Order order({2, 4, 9}, 7, false);
  std::vector<int64_t> samples;
  for (uint64_t p = 0; p < 7; ++p) samples.push_back(order.at(p).sample);
  EXPECT_EQ(samples, (std::vector<int64_t>{2, 4, 9, 2, 4, 9, 2}));
}

TEST(Order, RefusesAnEmptySelection) { EXPECT_THROW(Order({}, 1), Error); }

TEST(Order, CountsStepsOfFullBatches) {
  EXPECT_EQ(steps_for_epochs(1, 100, 10), 10);
  EXPECT_EQ(steps_for_epochs(1, 101, 10), 11);
  EXPECT_EQ(steps_for_epochs(3, 101, 10), 31);
}

}  // namespace
}  // namespace espalier::data
