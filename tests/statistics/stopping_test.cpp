#include "statistics/stopping.h"

#include <fmt/format.h>
#include <gtest/gtest.h>

#include <cmath>

#include "core/random.h"

namespace espalier::statistics {
namespace {

// Of rows as summarize() makes them; scratch has no difference.
TEST(Narrow, AreIntervalsOfAllArmsButControls) {
  Row scratch, arm, control;
  arm.difference = {0.1, 0.01, 9};
  control.difference = {0.1, 0.5, 9};
  control.line.control = true;
  EXPECT_TRUE(are_narrow({scratch, arm, control}, 0.01));
  EXPECT_FALSE(are_narrow({scratch, arm, control}, 0.009));
  Row one_seed;
  one_seed.difference = {0.1, kUnknown, 1};
  EXPECT_FALSE(are_narrow({scratch, arm, one_seed}, 0.5));
}

// Nine seeds and three more at a time up to thirty, of one arm or of ten.
TEST(Narrow, IntervalsThatStopWhenNarrowCoverALittleLess) {
  for (const int64_t arms : {1, 10})
    for (const double bound : {0.5, 0.67, 1.0}) {
      int64_t covered = 0, all = 0;
      for (uint64_t number = 0; all < 4000; ++number) {
        std::vector<Estimate> estimates(static_cast<size_t>(arms));
        double widest = 1e9;
        for (int64_t seeds = 9; widest > bound && seeds <= 30; seeds += 3) {
          widest = 0;
          for (int64_t arm = 0; arm < arms; ++arm) {
            BySeed values;
            for (int64_t seed = 0; seed < seeds; ++seed)
              values[seed] = {
                  Draw(number, "arm", {static_cast<uint64_t>(arm), static_cast<uint64_t>(seed)})
                      .normal(),
                  0};
            estimates[static_cast<size_t>(arm)] = estimate(values);
            widest = std::max(widest, estimates[static_cast<size_t>(arm)].interval.half_width);
          }
        }
        for (const Estimate& one : estimates)
          covered += std::abs(one.interval.mean) <= one.interval.half_width;
        all += arms;
      }
      EXPECT_GE(covered, all * 925 / 1000) << arms << " arms, bound " << bound;
      RecordProperty(fmt::format("covered_{}_arms_bound_{}", arms, bound),
                     fmt::format("{} of {}", covered, all));
    }
}

}  // namespace
}  // namespace espalier::statistics
