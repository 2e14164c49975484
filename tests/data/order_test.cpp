#include "data/order.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <utility>
#include <vector>

#include "core/error.h"
#include "core/random.h"

namespace espalier::data {
namespace {

using ::testing::Each;

const std::vector<shards::OrderFacts> kFacts = {
    {},
    {.block = 7, .streams = 4, .run = 3, .window = 2},
    {.block = 16, .streams = 3, .run = 8, .window = 1},
    {.block = 5, .streams = 64, .run = 8, .window = 4},
    {.block = 2, .streams = 1, .run = 1, .window = 3},
    {.block = 5000, .streams = 2, .run = 5, .window = 2}};

// The samples of steps [0, steps) as `ranks` ranks read them, in the order of positions.
std::vector<int64_t> stream(int64_t samples, const shards::OrderFacts& facts, int64_t batch,
                            int64_t ranks, int64_t steps) {
  std::vector<int64_t> seen(static_cast<size_t>(steps * batch));
  for (int64_t rank = 0; rank < ranks; ++rank) {
    Order order = Order::of_all(samples, 7, facts);
    for (int64_t step = 0; step < steps; ++step) {
      for (int64_t i = batch * rank / ranks; i < batch * (rank + 1) / ranks; ++i) {
        seen[step * batch + i] = order.at(step * batch + i).sample;
      }
    }
  }
  return seen;
}

void shuffle(std::vector<int64_t>& samples, Draw draw) {
  const auto order = draw.permutation(static_cast<int64_t>(samples.size()));
  const std::vector<int64_t> before = samples;
  for (size_t i = 0; i < samples.size(); ++i) samples[i] = before[order[i]];
}

// The slow twin: an epoch dealt out by hand, as the header tells it.
std::vector<int64_t> dealt_epoch(int64_t samples, uint64_t seed, uint64_t epoch,
                                 const shards::OrderFacts& facts) {
  const int64_t blocks = (samples + facts.block - 1) / facts.block;
  const std::vector<int64_t> permuted = Draw(seed, "order", {epoch}).permutation(blocks);
  if (facts.block == 1) return permuted;
  std::vector<std::vector<int64_t>> streams(static_cast<size_t>(facts.streams));
  for (uint64_t l = 0; l < streams.size(); ++l) {
    std::vector<int64_t> window;
    uint64_t blocks_in = 0, windows = 0;
    const auto close = [&] {
      shuffle(window, Draw(seed, "window", {epoch, l, windows++}));
      streams[l].insert(streams[l].end(), window.begin(), window.end());
      window.clear();
      blocks_in = 0;
    };
    for (uint64_t k = l; k < permuted.size(); k += streams.size()) {
      const int64_t first = permuted[k] * facts.block;
      for (int64_t i = first; i < std::min(samples, first + facts.block); ++i) window.push_back(i);
      if (++blocks_in == static_cast<uint64_t>(facts.window)) close();
    }
    if (blocks_in > 0) close();
  }
  std::vector<int64_t> dealt;
  for (size_t turn = 0; static_cast<int64_t>(dealt.size()) < samples; turn += facts.run) {
    for (const auto& one : streams) {
      for (size_t i = turn; i < std::min(one.size(), turn + facts.run); ++i)
        dealt.push_back(one[i]);
    }
  }
  return dealt;
}

TEST(Order, IsTheOneDealtByHand) {
  for (const shards::OrderFacts& facts : kFacts) {
    for (const int64_t samples : {1, 6, 103, 640, 1001}) {
      Order order = Order::of_all(samples, 11, facts);
      for (uint64_t epoch = 0; epoch < 3; ++epoch) {
        const auto expected = dealt_epoch(samples, 11, epoch, facts);
        for (int64_t i = 0; i < samples; ++i) {
          ASSERT_EQ(order.at(epoch * samples + i).sample, expected[i])
              << "blocks of " << facts.block << ", " << samples << " samples, place " << i;
        }
      }
    }
  }
}

TEST(Order, VisitsEachSampleOnceAnEpochAtAnyBatchAndWorldSize) {
  constexpr int64_t kSamples = 1009, kEpochs = 2;
  for (const shards::OrderFacts& facts : kFacts) {
    for (const int64_t batch : {1, 64, 97, 130, 1009}) {
      for (const int64_t ranks : {1, 2, 3, 5, 8, 64}) {
        const auto seen =
            stream(kSamples, facts, batch, ranks, steps_for_epochs(kEpochs, kSamples, batch));
        for (int64_t epoch = 0; epoch < kEpochs; ++epoch) {
          std::vector<int> visits(kSamples);
          for (int64_t p = 0; p < kSamples; ++p) ++visits[seen[epoch * kSamples + p]];
          ASSERT_THAT(visits, Each(1)) << "batch " << batch << ", ranks " << ranks;
        }
      }
    }
  }
}

TEST(Order, IsFreeOfBatchAndWorldSize) {
  for (const shards::OrderFacts& facts : kFacts) {
    const auto expected = stream(50, facts, 1, 1, 150);
    EXPECT_EQ(stream(50, facts, 30, 3, 5), expected);
    EXPECT_EQ(stream(50, facts, 15, 64, 10), expected);
  }
}

TEST(Order, GoesOnFromOneIntegerUnderOtherRanksAndBatches) {
  for (const shards::OrderFacts& facts : kFacts) {
    const auto expected = stream(1009, facts, 1, 1, 3000);
    uint64_t position = 0;
    int64_t ranks = 1;
    for (const int64_t batch : {512, 384, 1000, 64}) {
      ranks = ranks * 3 % 8 + 1;
      for (int64_t rank = 0; rank < ranks; ++rank) {
        Order fresh = Order::of_all(1009, 7, facts);
        for (int64_t i = batch * rank / ranks; i < batch * (rank + 1) / ranks; ++i) {
          ASSERT_EQ(fresh.at(position + i).sample, expected[position + i]);
        }
      }
      position += batch;
    }
  }
}

TEST(Order, NeedsNoReplayToStartAnywhere) {
  const Selection selection = {3, 5, 8, 13};
  for (const shards::OrderFacts& facts : kFacts) {
    Order from_start(selection, 1, true, facts);
    for (uint64_t p = 0; p < 400; ++p) from_start.at(p);
    Order fresh(selection, 1, true, facts);
    for (const uint64_t p : {399UL, 3UL, 398UL, 77UL, 4000000001UL}) {
      EXPECT_EQ(fresh.at(p).sample, from_start.at(p).sample);
      EXPECT_EQ(fresh.at(p).epoch, p / 4);
    }
  }
}

TEST(Order, OfASelectionIsThatOfItsPlaces) {
  Selection selection;
  for (int64_t i = 0; i < 300; ++i) selection.push_back(i * i);
  for (const shards::OrderFacts& facts : kFacts) {
    Order some(selection, 5, true, facts), all = Order::of_all(300, 5, facts);
    for (uint64_t p = 0; p < 600; ++p) {
      ASSERT_EQ(some.at(p).sample, selection[all.at(p).sample]);
    }
  }
}

TEST(Order, StaysWithinTheWindowsOfItsStreams) {
  const shards::OrderFacts facts{.block = 10, .streams = 4, .run = 5, .window = 2};
  Order order = Order::of_all(10'000, 3, facts);
  for (uint64_t round = 0; round < 400; ++round) {  // 4 * 20 samples are one window of each stream
    std::set<int64_t> blocks;
    for (uint64_t i = 0; i < 80; ++i) blocks.insert(order.at(round / 4 * 80 + i).sample / 10);
    ASSERT_EQ(blocks.size(), 8U);
  }
}

// Blocks that ranks read, summed over ranks, for each block there is.
double readers_of_a_block(const shards::OrderFacts& facts, int64_t samples, int64_t batch,
                          int64_t ranks) {
  std::set<std::pair<int64_t, int64_t>> read;
  Order order = Order::of_all(samples, 7, facts);
  for (int64_t p = 0; p < samples; ++p) {
    read.insert({(p % batch) * ranks / batch, order.at(p).sample / facts.block});
  }
  const int64_t blocks = (samples + facts.block - 1) / facts.block;
  return static_cast<double>(read.size()) / static_cast<double>(blocks);
}

TEST(Order, LetsOneRankReadABlockWhereTheBatchFitsATurn) {
  const shards::OrderFacts facts{.block = 64};  // a turn is 512
  EXPECT_LT(readers_of_a_block(facts, 100'003, 512, 2), 1.15);
  EXPECT_LT(readers_of_a_block(facts, 1'000'003, 512, 8), 1.05);
  EXPECT_LT(readers_of_a_block(facts, 1'000'003, 512, 64), 1.15);  // all read the ragged end
  EXPECT_LT(readers_of_a_block(facts, 1'000'003, 256, 8), 1.05);
  EXPECT_GT(readers_of_a_block(facts, 100'003, 1024, 8), 1.9);
  EXPECT_GT(readers_of_a_block(facts, 100'003, 500, 8), 3);
}

TEST(Order, AnnouncesTheBlocksOfTheNextWindowInTime) {
  const shards::OrderFacts facts{.block = 10, .streams = 4, .run = 5, .window = 2};
  Order order = Order::of_all(1003, 3, facts);
  std::set<int64_t> announced;
  for (uint64_t p = 0; p < 1003; ++p) {
    const int64_t sample = order
                               .at(p,
                                   [&](int64_t first, int64_t last) {
                                     EXPECT_LE(last - first, 10);
                                     announced.insert(first / 10);
                                   })
                               .sample;
    if (p >= 100) ASSERT_TRUE(announced.contains(sample / 10)) << p;  // all are past their first
  }
}

TEST(Order, ChangesWithSeedAndEpoch) {
  for (const shards::OrderFacts& facts : kFacts) {
    const auto epoch = [&](uint64_t seed, uint64_t number) {
      Order order = Order::of_all(100, seed, facts);
      std::vector<int64_t> samples;
      for (uint64_t i = 0; i < 100; ++i) samples.push_back(order.at(number * 100 + i).sample);
      return samples;
    };
    EXPECT_NE(epoch(1, 0), epoch(1, 1));
    EXPECT_NE(epoch(1, 0), epoch(2, 0));
    EXPECT_EQ(epoch(1, 1), epoch(1, 1));
  }
}

TEST(Order, WithoutShuffleFollowsTheSelection) {
  Order order(Selection{2, 4, 9}, 7, false);
  std::vector<int64_t> samples;
  for (uint64_t p = 0; p < 7; ++p) samples.push_back(order.at(p).sample);
  EXPECT_EQ(samples, (std::vector<int64_t>{2, 4, 9, 2, 4, 9, 2}));
}

TEST(Order, RefusesAnEmptySelection) {
  EXPECT_THROW(Order(Selection{}, 1), Error);
  EXPECT_THROW(Order::of_all(0, 1), Error);
}

TEST(Order, CountsStepsOfFullBatches) {
  EXPECT_EQ(steps_for_epochs(1, 100, 10), 10);
  EXPECT_EQ(steps_for_epochs(1, 101, 10), 11);
  EXPECT_EQ(steps_for_epochs(3, 101, 10), 31);
}

TEST(StreamsOfShare, AreFewWhereTheBatchFitsATurnAndAllWhereItDoesNot) {
  const shards::OrderFacts facts{.block = 64};  // a turn is 512
  EXPECT_EQ(streams_of_share(facts, 512, 0, 256), 32);
  EXPECT_EQ(streams_of_share(facts, 256, 0, 128), 32);
  EXPECT_EQ(streams_of_share(facts, 1024, 0, 512), 64);
  EXPECT_EQ(streams_of_share(facts, 500, 0, 250), 64);
}

}  // namespace
}  // namespace espalier::data
