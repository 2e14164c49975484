#include "tensor/instruction_set.h"

#include <gtest/gtest.h>

namespace espalier::tensor {
namespace {

TEST(InstructionSet, OfSeveralRanksIsTheLowest) {
  EXPECT_EQ(lowest_instruction_set({"avx512", "avx2", "avx512_bf16"}), "avx2");
  EXPECT_EQ(lowest_instruction_set({"avx512_bf16", "avx512"}), "avx512");
}

TEST(InstructionSet, ThatIsNotKnownCapsNothing) {
  EXPECT_EQ(lowest_instruction_set({"avx512", ""}), "avx512");
  EXPECT_EQ(lowest_instruction_set({"avx2", "sse9"}), "avx2");
}

TEST(InstructionSet, Bf16UnitsCountInBf16Alone) {
  EXPECT_TRUE(equal_bits("avx512_bf16", "avx512", /*bf16=*/false));
  EXPECT_FALSE(equal_bits("avx512_bf16", "avx512", /*bf16=*/true));
  EXPECT_FALSE(equal_bits("avx512", "avx2", /*bf16=*/false));
  EXPECT_TRUE(equal_bits("avx2", "avx2", /*bf16=*/true));
}

}  // namespace
}  // namespace espalier::tensor
