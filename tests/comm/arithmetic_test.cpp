#include "comm/arithmetic.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace espalier::comm {
namespace {

constexpr float kInfinity = std::numeric_limits<float>::infinity();

TEST(Arithmetic, EveryHalfSurvivesTheWayThroughFloat) {
  for (uint32_t bits = 0; bits < 0x10000; ++bits) {
    const uint16_t half = static_cast<uint16_t>(bits);
    if (std::isnan(f16_to_float(half))) {
      EXPECT_TRUE(std::isnan(f16_to_float(float_to_f16(f16_to_float(half)))));
    } else {
      ASSERT_EQ(float_to_f16(f16_to_float(half)), half);
    }
    if (std::isnan(bf16_to_float(half))) {
      EXPECT_TRUE(std::isnan(bf16_to_float(float_to_bf16(bf16_to_float(half)))));
    } else {
      ASSERT_EQ(float_to_bf16(bf16_to_float(half)), half);
    }
  }
}

TEST(Arithmetic, HalvesHaveTheirKnownValues) {
  EXPECT_EQ(f16_to_float(0x3c00), 1.0f);
  EXPECT_EQ(f16_to_float(0xc000), -2.0f);
  EXPECT_EQ(f16_to_float(0x7bff), 65504.0f);
  EXPECT_EQ(f16_to_float(0x0001), 0x1p-24f);
  EXPECT_EQ(f16_to_float(0x7c00), kInfinity);
  EXPECT_EQ(bf16_to_float(0x3f80), 1.0f);
}

TEST(Arithmetic, RoundingIsToNearestEven) {
  EXPECT_EQ(float_to_f16(1.0f + 0x1p-11f), 0x3c00);      // tie, down to even
  EXPECT_EQ(float_to_f16(1.0f + 3 * 0x1p-11f), 0x3c02);  // tie, up to even
  EXPECT_EQ(float_to_f16(0x1p-25f), 0x0000);             // tie at the smallest
  EXPECT_EQ(float_to_f16(65520.0f), 0x7c00);             // half a step above the largest
  EXPECT_EQ(float_to_f16(65519.0f), 0x7bff);
  EXPECT_EQ(float_to_bf16(1.0f + 0x1p-8f), 0x3f80);
  EXPECT_EQ(float_to_bf16(1.0f + 3 * 0x1p-8f), 0x3f82);
}

TEST(Arithmetic, IntegersWrap) {
  uint8_t byte = 250;
  const uint8_t ten = 10;
  add(&byte, &ten, 1, DataType::u8);
  EXPECT_EQ(byte, 4);
  int64_t big = std::numeric_limits<int64_t>::max();
  const int64_t one = 1;
  add(&big, &one, 1, DataType::i64);
  EXPECT_EQ(big, std::numeric_limits<int64_t>::min());
}

}  // namespace
}  // namespace espalier::comm
