#include "statistics/verdicts.h"

#include <fmt/format.h>
#include <gmock/gmock.h>

#include "statistics/simulated_sweep.h"

namespace espalier::statistics {
namespace {

Verdicts verdicts_of(const SimulatedSweep& sweep, uint64_t number = 0) {
  const Simulation simulation(sweep, number);
  return judge(simulation.cells(), summarize(simulation.cells()));
}

std::vector<const Statement*> statements(const Verdicts& verdicts) {
  return {&verdicts.general, &verdicts.fragile, &verdicts.better, &verdicts.lower_rate};
}

// First stages give 12 points, last ones 2; all of it stays where the kept stages are tuned.
SimulatedSweep trained(int64_t backbones) {
  return {.backbones = backbones,
          .seeds = backbones == 1 ? 9 : 5,
          .frozen = [](int64_t cut) { return 0.145 - 0.025 * static_cast<double>(cut); },
          .tuned = [](int64_t) { return 0.05; },
          .lower = 0.06};
}

bool all_undecided(const Verdicts& verdicts) {
  for (const Statement* statement : statements(verdicts))
    if (statement->verdict != Verdict::kUndecided) return false;
  return true;
}

// 300 sweeps each; 95 % less three standard deviations of 300 is 91.2 %. Over all of them together
// it is 94.2 %.
TEST(Verdicts, AnUntrainedBackboneLeavesAllFourUndecidedInNineteenOfTwentySweeps) {
  int64_t all = 0, sweeps = 0;
  for (const int64_t backbones : {1, 3})
    for (const int64_t cuts : {5, 10})
      for (const int64_t budgets : {1, 3}) {
        SimulatedSweep sweep{.backbones = backbones,
                             .seeds = backbones == 1 ? 9 : 3,
                             .cuts = cuts,
                             .budgets = {10},
                             .between = budgets == 1 ? 0.005 : 0.03};
        for (int64_t budget = 1; budget < budgets; ++budget)
          sweep.budgets.push_back(10 + 40 * budget);
        int64_t undecided = 0;
        for (uint64_t number = 0; number < 300; ++number)
          undecided += all_undecided(verdicts_of(sweep, number));
        EXPECT_GE(undecided, 274) << backbones << " backbones, " << cuts << " cuts, " << budgets
                                  << " budgets";
        all += undecided;
        sweeps += 300;
        RecordProperty(
            fmt::format("undecided_{}_backbones_{}_cuts_{}_budgets", backbones, cuts, budgets),
            std::to_string(undecided));
      }
  EXPECT_GE(all, sweeps * 942 / 1000);
}

// An arm and its control choose one of four settings together, by noisy validation on one seed, where
// settings are worth up to several points, and something to particular weights too.
TEST(Verdicts, TheLuckOfChosenSettingsIsNoEvidence) {
  int64_t all = 0, sweeps = 0;
  for (const int64_t backbones : {1, 3})
    for (const double worth : {0.005, 0.01, 0.03}) {
      SimulatedSweep sweep{.backbones = backbones,
                           .seeds = backbones == 1 ? 9 : 3,
                           .budgets = {10, 50},
                           .between = 0.005,
                           .settings = 4,
                           .worth = worth,
                           .taste = 0.002};
      int64_t undecided = 0;
      for (uint64_t number = 0; number < 300; ++number)
        undecided += all_undecided(verdicts_of(sweep, number));
      EXPECT_GE(undecided, 274) << backbones << " backbones, worth " << worth;
      all += undecided;
      sweeps += 300;
      RecordProperty(fmt::format("undecided_{}_backbones_worth_{}", backbones, worth),
                     std::to_string(undecided));
    }
  EXPECT_GE(all, sweeps * 95 / 100);
  SimulatedSweep sweep = trained(1);
  sweep.settings = 4;
  sweep.worth = 0.005;
  sweep.taste = 0.002;
  int64_t told_apart = 0;
  for (uint64_t number = 0; number < 50; ++number)
    told_apart += verdicts_of(sweep, number).told_apart;
  EXPECT_GE(told_apart, 45);
}

// Where nothing is pretrained, exchanging an arm and its control changes no choice, so that their
// difference has mean 0: 600 sweeps of one seed, on which the choice is made too.
TEST(Verdicts, AChoiceMadeTogetherFavoursNeither) {
  SimulatedSweep sweep{.seeds = 1, .cuts = 1, .settings = 4, .worth = 0.01, .taste = 0.01};
  std::vector<double> differences;
  for (uint64_t number = 0; number < 600; ++number) {
    const Simulation simulation(sweep, number);
    for (const Cell& ours : simulation.cells())
      for (const Cell& control : simulation.cells())
        if (ours.mode == "frozen" && control.mode == "random_frozen")
          differences.push_back(ours.accuracy - control.accuracy);
  }
  ASSERT_EQ(differences.size(), 600U);
  BySeed values;
  for (size_t i = 0; i < differences.size(); ++i)
    values[static_cast<int64_t>(i)] = {differences[i], Value::kNoCluster};
  EXPECT_GT(estimate(values).p, 0.05);
}

TEST(Verdicts, ArmsOfOtherSettingsAreNotCompared) {
  const Simulation simulation(trained(1), 0);
  std::vector<Cell> cells = simulation.cells();
  for (Cell& cell : cells)
    if (cell.control || cell.cut == 0) cell.steps += 100;
  const Verdicts verdicts = judge(cells, summarize(cells));
  EXPECT_TRUE(verdicts.gate.empty());
  EXPECT_EQ(verdicts.general.verdict, Verdict::kNotMeasured);
  EXPECT_EQ(verdicts.better.verdict, Verdict::kNotMeasured);
}

// Nine of ten sweeps find what is there; nothing is found the wrong way round.
TEST(Verdicts, ARealEffectIsFoundWithOneBackboneAndWithThree) {
  for (const int64_t backbones : {1, 3}) {
    std::vector<int64_t> supported(4);
    for (uint64_t number = 0; number < 100; ++number) {
      const Verdicts verdicts = verdicts_of(trained(backbones), number);
      EXPECT_TRUE(verdicts.told_apart);
      const auto all = statements(verdicts);
      for (size_t i = 0; i < all.size(); ++i) {
        supported[i] += all[i]->verdict == Verdict::kSupported;
        if (i != 1) EXPECT_NE(all[i]->verdict, Verdict::kContradicted);
      }
    }
    for (const size_t i : {0u, 2u, 3u})
      EXPECT_GE(supported[i], 90) << "statement " << i + 1 << ", " << backbones << " backbones";
    EXPECT_LE(supported[1], 5) << "no cut is fragile";
  }
}

TEST(Verdicts, TurnWithTheEffect) {
  SimulatedSweep sweep = trained(1);
  sweep.frozen = [](int64_t cut) { return 0.06 * static_cast<double>(cut); };
  sweep.tuned = [](int64_t) { return -0.08; };
  sweep.lower = -0.05;
  const Verdicts verdicts = verdicts_of(sweep);
  EXPECT_EQ(verdicts.general.verdict, Verdict::kContradicted);
  EXPECT_EQ(verdicts.better.verdict, Verdict::kContradicted);
  EXPECT_EQ(verdicts.lower_rate.verdict, Verdict::kContradicted);
}

// Random stages lose 4 points each, these lose 1.
TEST(Verdicts, StagesThatFallLessThanRandomOnesDoNotContradictThatTheyAreSpecific) {
  SimulatedSweep sweep = trained(1);
  sweep.frozen = [](int64_t cut) { return 0.03 * static_cast<double>(cut); };
  const Verdicts verdicts = verdicts_of(sweep);
  EXPECT_LT(verdicts.general.evidence.at(0).difference.interval.mean, 0);
  EXPECT_LE(verdicts.general.evidence.at(0).holm_p, 0.05);
  EXPECT_GT(verdicts.fall.at(0).difference.interval.mean, 0);
  EXPECT_EQ(verdicts.general.verdict, Verdict::kUndecided);
}

TEST(Verdicts, AFragileMiddleIsFoundAndAFlatOneIsContradicted) {
  SimulatedSweep sweep = trained(1);
  sweep.frozen = [](int64_t cut) { return cut == 3 ? 0.05 : 0.2; };
  const Verdicts dip = verdicts_of(sweep);
  EXPECT_EQ(dip.fragile.verdict, Verdict::kSupported);
  for (const Evidence& one : dip.fragile.evidence)
    EXPECT_EQ(one.holm_p <= kLevel, one.cut == 3) << "cut " << one.cut;
  sweep.frozen = [](int64_t cut) { return cut == 1 ? 0.1 : 0.3; };
  EXPECT_EQ(verdicts_of(sweep).fragile.verdict, Verdict::kContradicted);
}

TEST(Verdicts, NeedTheirControlsAndCuts) {
  SimulatedSweep sweep = trained(1);
  sweep.cuts = 2;
  EXPECT_EQ(verdicts_of(sweep).fragile.verdict, Verdict::kNotMeasured);
  const Simulation simulation(trained(1), 0);
  std::vector<Cell> cells = simulation.cells();
  std::erase_if(cells, [](const Cell& cell) { return cell.control || cell.cut == 0; });
  const Verdicts none = judge(cells, summarize(cells));
  EXPECT_TRUE(none.gate.empty());
  EXPECT_EQ(none.general.verdict, Verdict::kNotMeasured);
  EXPECT_EQ(none.better.verdict, Verdict::kNotMeasured);
  EXPECT_EQ(none.lower_rate.verdict, Verdict::kUndecided) << "nothing shows that it was trained";
  for (const Statement* statement : statements(judge({}, {})))
    EXPECT_EQ(statement->verdict, Verdict::kNotMeasured);
}

TEST(Verdicts, TheFactorIsChosenByValidationAndNotByTheTestSet) {
  const Simulation simulation(trained(1), 0);
  std::vector<Cell> cells = simulation.cells();
  for (Cell& cell : cells)  // validation prefers the factor that tests worse
    if (cell.mode == "tuned") cell.validation = cell.factor == 1 ? 0.9 : 0.1;
  const Verdicts verdicts = judge(cells, summarize(cells));
  const double chosen = verdicts.better.evidence.at(0).difference.interval.mean;
  EXPECT_NEAR(chosen, 0.05, 0.02);  // at factor 0.1 it would be 0.11
}

}  // namespace
}  // namespace espalier::statistics
