#include "statistics/choice.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include <cmath>

#include "core/random.h"

namespace espalier::statistics {
namespace {

struct Arms {
  std::vector<double> truth;  // gains
  std::vector<BySeed> accuracies;
  BySeed scratch;
};

// `truth` and noise: of a cell 1, of what a seed's cells share 2, of scratch 1.
Arms draw_arms(std::vector<double> truth, int64_t seeds, uint64_t sample) {
  Arms arms{std::move(truth), {}, {}};
  arms.accuracies.resize(arms.truth.size());
  for (int64_t seed = 0; seed < seeds; ++seed) {
    Draw draw(1, "arms", {sample, static_cast<uint64_t>(seed)});
    const double shared = 2 * draw.normal();
    arms.scratch[seed] = {shared + draw.normal()};
    for (size_t arm = 0; arm < arms.truth.size(); ++arm)
      arms.accuracies[arm][seed] = {shared + arms.truth[arm] + draw.normal(), 0};
  }
  return arms;
}

std::vector<double> spread(double sd, uint64_t sample) {
  std::vector<double> truth(10);
  Draw draw(2, "truth", {sample});
  for (double& gain : truth) gain = sd * draw.normal();
  return truth;
}

// The gains at seeds that had no part in the choice, one after the other.
std::vector<double> left_out_gains(const Arms& arms) {
  std::vector<double> gains;
  for (const auto& [seed, scratch] : arms.scratch) {
    size_t best = 0;
    std::vector<double> sums(arms.truth.size());
    for (size_t arm = 0; arm < sums.size(); ++arm) {
      for (const auto& [other, value] : arms.accuracies[arm])
        if (other != seed) sums[arm] += value.value;
      if (sums[arm] > sums[best]) best = arm;
    }
    gains.push_back(arms.accuracies[best].at(seed).value - scratch.value);
  }
  return gains;
}

bool covers(const Interval& interval, double truth) {
  return std::abs(interval.mean - truth) <= interval.half_width;
}

// The truth is the gain of the arm that is chosen by all seeds. 1,000 simulations of 10 arms each.
TEST(Choice, TheIntervalOfTheChosenGainCoversTheTruthAndItsEstimateIsNotTooLarge) {
  for (const int64_t seeds : {3, 5, 6, 9, 20})
    for (const double sd : {0.0, 0.5, 2.0}) {
      int64_t covered = 0, covered_by_left_out = 0;
      double bias = 0, naive_bias = 0;
      for (uint64_t sample = 0; sample < 1000; ++sample) {
        const Arms arms = draw_arms(spread(sd, sample), seeds, sample);
        const Selection selection = select(arms.accuracies, arms.scratch);
        const double truth = arms.truth[selection.best];
        covered += selection.ends.low <= truth && truth <= selection.ends.high;
        const Interval left_out = t_interval(left_out_gains(arms));
        ASSERT_NEAR(selection.gain, left_out.mean, 1e-12);
        covered_by_left_out += covers(left_out, truth);
        bias += (selection.gain - truth) / 1000;
        naive_bias +=
            (estimate(minus(arms.accuracies[selection.best], arms.scratch)).interval.mean - truth) /
            1000;
      }
      EXPECT_GE(covered, 930) << seeds << " seeds, arms differ by " << sd;
      EXPECT_LT(bias, 0.1) << seeds << " seeds, arms differ by " << sd;
      RecordProperty(fmt::format("seeds_{}_sd_{}", seeds, sd),
                     fmt::format("covered {}, by the left-out gains {}, bias {:.2f}, naive {:.2f}",
                                 covered, covered_by_left_out, bias, naive_bias));
      if (sd == 0 && seeds == 9)
        EXPECT_LT(covered_by_left_out, 900) << "Student's interval would do";
      if (sd == 0) EXPECT_GT(naive_bias, 0.25) << "no correction would be needed";
    }
}

TEST(Choice, TheBestArmIsAmongThoseThatAreAsGoodInNineteenOfTwentySweeps) {
  for (const double sd : {0.0, 1.0}) {
    int64_t held = 0;
    for (uint64_t sample = 0; sample < 500; ++sample) {
      const Arms arms = draw_arms(spread(sd, sample), 9, sample);
      const auto best = std::ranges::max_element(arms.truth) - arms.truth.begin();
      held += select(arms.accuracies, arms.scratch).as_good[static_cast<size_t>(best)];
    }
    EXPECT_GE(held, 475 - 15);
  }
}

TEST(Choice, AClearlyBestArmIsAlone) {
  const Arms arms = draw_arms({0, 10, 0}, 9, 0);
  const Selection selection = select(arms.accuracies, arms.scratch);
  EXPECT_EQ(selection.best, 1u);
  EXPECT_THAT(selection.as_good, testing::ElementsAre(false, true, false));
  EXPECT_THAT(frequencies(arms.accuracies), testing::ElementsAre(0, 1, 0));
  const Estimate gain = estimate(minus(arms.accuracies[1], arms.scratch));
  EXPECT_DOUBLE_EQ(selection.gain, gain.interval.mean);
  EXPECT_DOUBLE_EQ(selection.ends.low, gain.interval.mean - gain.interval.half_width);
}

// Three backbones leave two degrees of freedom: a gain ten times the noise is still found.
TEST(Choice, ALargeGainIsFoundWithThreeUnitsAndTenArmsThatAreAsGood) {
  int64_t found = 0;
  for (uint64_t sample = 0; sample < 200; ++sample) {
    const Arms arms = draw_arms(std::vector<double>(10, 10.0), 3, sample);
    found += select(arms.accuracies, arms.scratch).ends.low > 0;
  }
  EXPECT_GE(found, 180);
}

TEST(Choice, FrequenciesAddUpToOne) {
  const Arms arms = draw_arms({0, 0.2, 0.1}, 5, 7);
  const auto frequency = frequencies(arms.accuracies);
  EXPECT_NEAR(frequency[0] + frequency[1] + frequency[2], 1, 1e-9);
}

std::vector<Cell> cells_of(const std::vector<std::pair<Line, std::vector<double>>>& lines) {
  std::vector<Cell> cells;
  for (int64_t seed = 0; seed < 9; ++seed) {
    Draw draw(3, "cells", {static_cast<uint64_t>(seed)});
    const double shared = 0.02 * draw.normal();
    const auto add = [&](const Line& line, int64_t cut, double accuracy) {
      cells.push_back({.source = line.source,
                       .mode = line.mode,
                       .status = "done",
                       .cut = cut,
                       .labels_per_class = 10,
                       .seed = seed,
                       .accuracy = accuracy + shared + 0.005 * draw.normal(),
                       .control = line.control});
    };
    add({"", "scratch"}, 0, 0.5);
    for (const auto& [line, accuracies] : lines)
      for (size_t cut = 1; cut <= accuracies.size(); ++cut)
        add(line, static_cast<int64_t>(cut), accuracies[cut - 1]);
  }
  return cells;
}

TEST(Choice, IsAmongOurArmsAndNamesTheSmallestCutThatIsAsGood) {
  const auto cells = cells_of({{{kOurs, "frozen"}, {0.5, 0.56, 0.56, 0.561}},
                               {{"public", "frozen"}, {0.9}},
                               {{"", "random_frozen", "", 0, true}, {0.95}}});
  const auto rows = summarize(cells);
  const Choice choice = choose(cells, rows, 10);
  EXPECT_EQ(choice.candidates.size(), 4u);
  EXPECT_EQ(choice.smallest_row().cut, 2);
  EXPECT_EQ(choice.as_good(), 3);
  EXPECT_NEAR(choice.gain, 0.06, 0.01);
  EXPECT_TRUE(choose(cells, rows, 50).candidates.empty());
}

}  // namespace
}  // namespace espalier::statistics
