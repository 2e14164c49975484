#include "core/memory.h"

#include <gtest/gtest.h>
#include <sys/mman.h>

#include <memory>

namespace espalier {
namespace {

TEST(Memory, OfTheProcessFollowsWhatItHas) {
  constexpr int64_t kBytes = 64 << 20;
  reset_peak_memory();
  const int64_t before = resident_memory();
  EXPECT_GT(before, 0);
  EXPECT_GT(available_memory(), 0);
  // Past the allocator, which may keep what is freed.
  void* block = mmap(nullptr, kBytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
  ASSERT_NE(block, MAP_FAILED);
  volatile char* bytes = static_cast<char*>(block);
  for (int64_t i = 0; i < kBytes; i += 4096) bytes[i] = 1;
  EXPECT_GE(resident_memory(), before + kBytes / 2);
  munmap(block, kBytes);
  EXPECT_GE(peak_memory(), before + kBytes / 2);
  reset_peak_memory();
  EXPECT_LT(peak_memory(), before + kBytes / 2);
}

}  // namespace
}  // namespace espalier
