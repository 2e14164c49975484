#include "report/finding.h"

#include <gmock/gmock.h>

#include "report/practice.h"
#include "report/report.h"
#include "report/run.h"
#include "report/synthetic_run.h"
#include "support/temp_dir.h"

namespace espalier::report {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

TransferRun sweep_of(const TempDir& folder, const SyntheticSweep& sweep) {
  write_transfer_run(folder / "sweep", sweep);
  return read_runs({folder / "sweep"}).transfer.at(0);
}

// A row whose numbers are chosen, for the words that must follow from them.
Row row(const std::string& mode, int64_t cut, double accuracy, Interval difference, double holm_p) {
  return {.line = {.mode = mode, .control = mode.starts_with("random")},
          .stage = "conv" + std::to_string(cut),
          .cut = cut,
          .labels_per_class = 10,
          .accuracy = {accuracy, 0.005, 5},
          .difference = difference,
          .p = holm_p / 8,
          .holm_p = holm_p};
}

TransferRun run_of(std::vector<Row> rows) {
  TransferRun run;
  run.stages = {"conv1", "conv2", "conv3"};
  run.rows = std::move(rows);
  run.rows.push_back(row("scratch", 0, 0.5, {NAN, NAN, 0}, NAN));
  return run;
}

TEST(Finding, NamesTheBestCutItsGainAndItsSelection) {
  const auto texts = findings(run_of({row("tuned", 2, 0.522, {0.022, 0.005, 5}, 0.004),
                                      row("tuned", 3, 0.51, {0.01, 0.005, 5}, 0.02),
                                      row("frozen", 3, 0.352, {-0.148, 0.01, 5}, 0.001)}));
  EXPECT_EQ(texts.at(0),
            "With 10 labels per class the best cut is after stage 2 (conv2), tuned: +2.2 ± 0.5 "
            "points against training from scratch (52.2 % against 50.0 %, 5 seeds of this one "
            "backbone), clear after Holm's correction (p = 0.004). The last cut (conv3, frozen) is "
            "at −14.8 ± 1.0 points against scratch.");
  EXPECT_THAT(texts.at(1), AllOf(HasSubstr("selected"), HasSubstr("highest of 3 means"),
                                 HasSubstr("Holm over the 3 comparisons of the sweep")));
}

TEST(Finding, AnIntervalAcrossZeroIsNoEvidence) {
  const auto texts = findings(run_of({row("tuned", 2, 0.504, {0.004, 0.006, 5}, 0.3)}));
  EXPECT_THAT(texts.at(0), HasSubstr("includes 0, so this is no evidence of a gain"));
  EXPECT_THAT(texts.at(0), Not(HasSubstr("clear after")));
}

TEST(Finding, AnIntervalThatHolmTakesBackIsNotCalledClear) {
  const auto texts = findings(run_of({row("tuned", 2, 0.51, {0.01, 0.009, 5}, 0.2)}));
  EXPECT_THAT(texts.at(0), HasSubstr("after Holm's correction the gain is not clear (p = 0.200)"));
}

TEST(Finding, OneSeedIsADirectionAndNoEvidenceAndSelectsNothing) {
  const TempDir folder;
  SyntheticSweep sweep;
  sweep.seeds = 1;
  const TransferRun run = sweep_of(folder, sweep);
  EXPECT_EQ(run.best(10), nullptr);
  for (const std::string& text : findings(run)) EXPECT_THAT(text, Not(HasSubstr("selected")));
  EXPECT_THAT(findings(run).at(0),
              AllOf(HasSubstr("the highest of single values is"), HasSubstr("no evidence")));
  const std::string page = render({folder / "sweep"});
  EXPECT_THAT(page, Not(HasSubstr("selected")));
  EXPECT_THAT(page, Not(HasSubstr("<tr class=\"strong\"")));
  EXPECT_THAT(page, Not(HasSubstr("95 % interval; small dots")));
}

TEST(Finding, ScratchMayBeBetter) {
  const auto texts = findings(run_of({row("tuned", 2, 0.45, {-0.05, 0.01, 5}, 0.001)}));
  EXPECT_THAT(texts.at(0), HasSubstr("training from scratch is better here"));
}

TEST(Finding, AControlIsNeverTheBestCut) {
  const auto texts = findings(run_of({row("random_frozen", 1, 0.9, {0.4, 0.01, 5}, 0.001),
                                      row("frozen", 1, 0.52, {0.02, 0.01, 5}, 0.01)}));
  EXPECT_THAT(texts.at(0), HasSubstr("(conv1), frozen"));
}

TEST(Finding, ASweepWithoutResultsSaysSo) {
  EXPECT_THAT(findings(TransferRun{}).at(0), HasSubstr("Nothing is known of the cells"));
}

TEST(Summary, PairsBySeedAndLeavesHolesOut) {
  const TempDir folder;
  SyntheticCells cells({"conv1"});
  const SyntheticMode tuned_mode{"tuned", {}};
  for (int64_t seed = 0; seed < 3; ++seed) {
    cells.add({"scratch", {}}, 0, 10, seed, 0.2 + 0.1 * static_cast<double>(seed));
    cells.add(tuned_mode, 1, 10, seed, 0.25 + 0.1 * static_cast<double>(seed));
  }
  cells.add(tuned_mode, 1, 10, 3, 0.99);  // scratch lacks this seed
  cells.add(tuned_mode, 1, 10, 4, 0.1, "stuck");
  cells.add(tuned_mode, 1, 10, 5, 0.1, "failed");
  write_sweep(folder / "s", cells);
  const TransferRun run = read_runs({folder / "s"}).transfer.at(0);
  const Row* tuned = run.find(10, run.lines().at(0), 1);
  ASSERT_TRUE(tuned);
  EXPECT_EQ(tuned->accuracy.n, 4);
  EXPECT_EQ(tuned->difference.n, 3);
  EXPECT_NEAR(tuned->difference.mean, 0.05, 1e-12);
  EXPECT_EQ(run.holes(), 2);
  EXPECT_THAT(findings(run).back(), HasSubstr("2 of 9 cells gave no result (1 failed, 1 stuck)"));
}

TEST(Comparisons, AreOfWhatWasRun) {
  const TempDir folder;
  const auto found = comparisons(sweep_of(folder, {}));
  ASSERT_EQ(found.size(), 4u);
  EXPECT_EQ(found[0].outcome, Outcome::kHigher);   // first 1.2, last -14.8 points
  EXPECT_EQ(found[1].outcome, Outcome::kUnclear);  // no middle cut below both ends
  EXPECT_EQ(found[2].outcome, Outcome::kHigher);   // tuned is above scratch at every cut
  EXPECT_EQ(found[3].outcome, Outcome::kNotMeasured);
  EXPECT_THAT(found[3].evidence, HasSubstr("kept_lr_factor"));
  for (size_t i : {0u, 2u}) EXPECT_THAT(found[i].evidence, HasSubstr("of this one backbone"));
}

TEST(Comparisons, TurnWithTheNumbers) {
  const TempDir folder;
  SyntheticSweep sweep;
  sweep.modes = {{"frozen", {-0.1, -0.2, -0.2, 0.1}}, {"tuned", {-0.1, -0.1, -0.1, -0.1}}};
  const auto found = comparisons(sweep_of(folder, sweep));
  EXPECT_EQ(found[0].outcome, Outcome::kLower);
  EXPECT_EQ(found[1].outcome, Outcome::kLower);
  EXPECT_EQ(found[2].outcome, Outcome::kLower);
}

TEST(Comparisons, OfRatesNeedTwoFactors) {
  const TempDir folder;
  SyntheticSweep sweep;
  sweep.modes.push_back({"tuned", {-0.03, -0.03, -0.03, -0.03}, 1});
  EXPECT_EQ(comparisons(sweep_of(folder, sweep))[3].outcome, Outcome::kHigher);
}

TEST(Comparisons, WithoutCellsNothingIsMeasured) {
  for (const Comparison& one : comparisons(TransferRun{}))
    EXPECT_EQ(one.outcome, Outcome::kNotMeasured);
}

}  // namespace
}  // namespace espalier::report
