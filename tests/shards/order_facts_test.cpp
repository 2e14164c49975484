#include "shards/order_facts.h"

#include <gtest/gtest.h>

namespace espalier::shards {
namespace {

TEST(OrderFacts, ShuffleSmallSetsWholeAndReadLargeOnesInBlocksOfMegabytes) {
  EXPECT_EQ(choose_order_facts(60'000, 60'000 * 784).block, 1);
  const OrderFacts large = choose_order_facts(1'281'167, 1'281'167 * int64_t{110'000});
  EXPECT_EQ(large.block, (4 << 20) / 110'000);
  EXPECT_EQ(large.streams, 64);
  EXPECT_EQ(choose_order_facts(300, 300 * int64_t{50'000'000}).block,
            1);  // each is a block already
}

}  // namespace
}  // namespace espalier::shards
