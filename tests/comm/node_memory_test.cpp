#include "comm/node_memory.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "comm/thread_comm.h"

namespace espalier::comm {
namespace {

void fill(std::span<std::byte> bytes) {
  for (size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<std::byte>(i * 7 + i / 256);
}

bool is_filled(std::span<const std::byte> bytes) {
  std::vector<std::byte> expected(bytes.size());
  fill(expected);
  return std::ranges::equal(bytes, expected);
}

TEST(NodeMemory, IsFilledByRankZeroAndHeldOnceOnANode) {
  for (const int ranks : {1, 2, 3}) {
    run_ranks(ranks, [&](Communicator& control) {
      NodeMemory memory(control, 100'003);
      EXPECT_EQ(memory.copies(), 1);
      EXPECT_EQ(memory.is_first_of_node(), control.rank() == 0);
      if (control.rank() == 0) fill(memory.for_filling());
      memory.publish(control);
      EXPECT_TRUE(is_filled(memory.bytes()));
    });
  }
}

TEST(NodeMemory, ReachesEveryHolderWhereNothingCanBeShared) {
  for (const int ranks : {1, 2, 3, 5, 8, 13}) {
    run_ranks(ranks, [&](Communicator& control) {
      NodeMemory memory(control, 5000, /*share=*/false);
      EXPECT_EQ(memory.copies(), ranks);
      if (control.rank() == 0) fill(memory.for_filling());
      memory.publish(control);
      EXPECT_TRUE(is_filled(memory.bytes()));
    });
  }
}

TEST(NodeMemory, OutlivesTheRankThatHeldIt) {
  run_ranks(2, [](Communicator& control) {
    auto memory = std::make_unique<NodeMemory>(control, 4096);
    if (control.rank() == 0) fill(memory->for_filling());
    memory->publish(control);
    if (control.rank() == 0) memory.reset();
    control.barrier();
    if (control.rank() == 1) EXPECT_TRUE(is_filled(memory->bytes()));
  });
}

TEST(NodeMemory, SaysWhatTheSystemHasNot) {
  EXPECT_THROW(run_ranks(2, [](Communicator& control) { NodeMemory(control, int64_t{1} << 60); }),
               Error);
}

}  // namespace
}  // namespace espalier::comm
