#include "core/clock.h"

#include <gtest/gtest.h>

#include <limits>

namespace espalier {
namespace {

TEST(Clock, CommasStandBetweenThousands) {
  EXPECT_EQ(with_commas(0), "0");
  EXPECT_EQ(with_commas(999), "999");
  EXPECT_EQ(with_commas(1234567), "1,234,567");
  EXPECT_EQ(with_commas(-1000), "-1,000");
  EXPECT_EQ(with_commas(std::numeric_limits<int64_t>::max()), "9,223,372,036,854,775,807");
}

TEST(Clock, DurationsReadAsPeopleSayThem) {
  EXPECT_EQ(duration_text(0.4), "0s");
  EXPECT_EQ(duration_text(45), "45s");
  EXPECT_EQ(duration_text(59.7), "1m 00s");
  EXPECT_EQ(duration_text(200), "3m 20s");
  EXPECT_EQ(duration_text(7500), "2h 05m");
}

TEST(Clock, LapStartsAgain) {
  const Stopwatch whole;
  Stopwatch watch;
  while (watch.seconds() < 0.002) {
  }
  EXPECT_GE(watch.lap(), 0.002);
  const double since_lap = watch.seconds();
  EXPECT_LE(since_lap + 0.002, whole.seconds());
}

}  // namespace
}  // namespace espalier
