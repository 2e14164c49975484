#include "core/binomial.h"

#include <gtest/gtest.h>

#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "support/tolerance.h"

namespace espalier {
namespace {

// Lines of tests/golden/health.jsonl, which make_health.py wrote with SciPy.
TEST(Share, HasTheWilsonIntervalOfSciPy) {
  std::ifstream file(ESPALIER_TEST_DATA "/golden/health.jsonl");
  int64_t cases = 0;
  for (std::string line; std::getline(file, line);) {
    const auto expected = nlohmann::json::parse(line);
    if (expected["case"] != "interval") continue;
    ++cases;
    const Share share = share_of_trials(expected["hits"], expected["trials"]);
    EXPECT_NEAR(share.low, expected["low"].get<double>(), tolerance::kRounding64);
    EXPECT_NEAR(share.high, expected["high"].get<double>(), tolerance::kRounding64);
  }
  EXPECT_EQ(cases, 4);
}

TEST(Share, LiesInItsInterval) {
  for (double trials = 1; trials < 200; ++trials)
    for (const double hits : {0.0, trials}) {
      const Share share = share_of_trials(hits, trials);
      EXPECT_LE(share.low, share.value) << trials;
      EXPECT_GE(share.high, share.value) << trials;
    }
}

}  // namespace
}  // namespace espalier
