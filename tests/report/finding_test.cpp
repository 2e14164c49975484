#include "report/finding.h"

#include <gmock/gmock.h>

#include "report/report.h"
#include "report/run.h"
#include "report/synthetic_run.h"
#include "report/verdict_text.h"
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

struct ChosenArm {
  Line line;
  int64_t cut;
  double gain, spread;  // mean difference to scratch, and half of its range over five seeds
};

const Line kTuned{"ours", "tuned", "", 0.1}, kFrozen{"ours", "frozen"};

// Arms whose numbers are chosen, for the words that must follow from them; scratch is at 50 %.
TransferRun run_of(const std::vector<ChosenArm>& arms) {
  TransferRun run;
  run.stages = {"conv1", "conv2", "conv3"};
  const std::vector<double> shape = {-1, 0.5, 0, -0.5, 1}, base = {0.48, 0.49, 0.5, 0.51, 0.52};
  const auto add = [&](const Line& line, int64_t cut, int64_t seed, double accuracy) {
    run.cells.push_back({.source = line.source,
                         .mode = line.mode,
                         .stage = cut > 0 ? run.stages[static_cast<size_t>(cut - 1)] : "",
                         .status = "done",
                         .factor = line.factor,
                         .cut = cut,
                         .labels_per_class = 10,
                         .seed = seed,
                         .accuracy = accuracy,
                         .control = line.control});
  };
  for (size_t seed = 0; seed < 5; ++seed) {
    add({"", "scratch"}, 0, static_cast<int64_t>(seed), base[seed]);
    for (size_t i = 0; i < arms.size(); ++i)
      add(arms[i].line, arms[i].cut, static_cast<int64_t>(seed),
          base[seed] + arms[i].gain + arms[i].spread * shape[(seed + i) % 5]);
  }
  run.rows = statistics::summarize(run.cells);
  return run;
}

TEST(Finding, AnswersFirstWhetherThePretrainingIsWorthIt) {
  const auto texts = findings(run_of({{kTuned, 2, 0.022, 0.003}}));
  EXPECT_EQ(texts.at(0),
            "Is the pretraining worth it? Of this one backbone, against training from scratch: yes "
            "with 10 labels per class. No control with random weights was run at the same rate and "
            "steps, so nothing here "
            "tells the backbone from an untrained one (try: random_frozen and random_tuned in "
            "transfer.modes).");
}

TEST(Finding, NamesTheBestCutItsGainAndItsSelection) {
  const auto texts = findings(
      run_of({{kTuned, 2, 0.022, 0.003}, {kTuned, 3, 0.01, 0.003}, {kFrozen, 3, -0.148, 0.006}}));
  EXPECT_EQ(texts.at(1),
            "With 10 labels per class, keep 2 of 3 stages (up to conv2) and tune them at 0.1 of "
            "the rate: +2.2 points against training from scratch (+1.8 to +2.6; 52.2 % against "
            "50.0 %, 5 seeds of this one backbone). The last cut (conv3, frozen) is at −14.8 ± 0.6 "
            "points against scratch.");
  EXPECT_THAT(texts.at(2), AllOf(HasSubstr("selected"), HasSubstr("highest of 3 means"),
                                 HasSubstr("Holm over the 3 comparisons of the sweep"),
                                 HasSubstr("The pretraining seed does not")));
}

TEST(Finding, ArmsThatAreAsGoodAreCountedAndTheSmallestIsNamed) {
  const auto texts = findings(run_of({{kTuned, 2, 0.022, 0.003}, {kFrozen, 1, 0.021, 0.003}}));
  EXPECT_THAT(texts.at(1), HasSubstr(" 2 of 2 arms are as good; to keep less, keep 1 of 3 stages "
                                     "(up to conv1) and freeze it."));
}

TEST(Finding, AnIntervalAcrossZeroIsNoEvidence) {
  const auto texts = findings(run_of({{kTuned, 2, 0.014, 0.02}}));
  EXPECT_THAT(texts.at(0), HasSubstr("scratch: not shown with 10 labels per class."));
  EXPECT_THAT(texts.at(1), HasSubstr("includes 0, so this is no evidence of a gain"));
}

TEST(Finding, ADifferenceShownToBeSmallIsSaidToBe) {
  const auto texts = findings(run_of({{kTuned, 2, 0.001, 0.003}}));
  EXPECT_THAT(texts.at(1), HasSubstr("no gain is shown"));
  EXPECT_THAT(texts.at(1), HasSubstr("It is within 1 point of scratch."));
}

TEST(Finding, AnIntervalThatItsCorrectionTakesBackIsNotCalledClear) {
  const std::vector<ChosenArm> arms = {{kTuned, 2, 0.02, 0.018}, {kFrozen, 1, -0.3, 0.3}};
  EXPECT_LE(run_of(arms).rows.at(1).p, kLevel);
  const auto texts = findings(run_of(arms));
  EXPECT_THAT(texts.at(0), HasSubstr("scratch: not shown with"));
  EXPECT_THAT(texts.at(1), HasSubstr("includes 0, so this is no evidence of a gain"));
}

TEST(Finding, OtherSourcesAreComparedWithOurs) {
  const auto texts = findings(
      run_of({{kTuned, 2, 0.022, 0.003}, {{"public", "tuned", "", 0.1}, 2, 0.062, 0.003}}));
  EXPECT_THAT(texts.at(0), HasSubstr("Against public, mean of the arms that both have: −4.0 ± "));
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
  EXPECT_THAT(page, Not(HasSubstr("with its 95 %")));
}

TEST(Finding, ScratchMayBeBetter) {
  const auto texts = findings(run_of({{kTuned, 2, -0.05, 0.003}}));
  EXPECT_THAT(texts.at(0), HasSubstr("scratch: no with 10 labels per class."));
  EXPECT_THAT(texts.at(1), HasSubstr("train from scratch: the best of 1 arms"));
}

TEST(Finding, AControlIsNeverTheBestCut) {
  const auto texts = findings(
      run_of({{{"", "random_frozen", "", 0, true}, 1, 0.4, 0.003}, {kFrozen, 1, 0.02, 0.003}}));
  EXPECT_THAT(texts.at(1), HasSubstr("keep 1 of 3 stages (up to conv1) and freeze it: +2.0"));
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

// Statement, verdict, measured and what to do now of each of the four.
std::vector<Table::TableRow> verdicts_of(const TransferRun& run) {
  return verdict_table(run, statistics::judge(run.cells, run.rows)).rows;
}

SyntheticSweep controlled_sweep() {
  SyntheticSweep sweep;
  sweep.modes = {{"frozen", {0.012, 0.018, -0.031, -0.148}},
                 {"tuned", {0.05, 0.06, 0.055, 0.05}, 0.1},
                 {"tuned", {0.02, 0.02, 0.02, 0.02}, 1},
                 {"random_frozen", {-0.1, -0.1, -0.12, -0.17}, 0, "", true},
                 {"random_tuned", {-0.02, -0.02, -0.02, -0.02}, 0.1, "", true}};
  return sweep;
}

TEST(VerdictText, HoldsTheNumberAndWhatToDoNow) {
  const TempDir folder;
  const auto rows = verdicts_of(sweep_of(folder, controlled_sweep()));
  ASSERT_EQ(rows.size(), 4u);
  EXPECT_EQ(rows[0].cells[1],
            "supported");  // 11.2 points after the first stage, 2.2 after the last
  EXPECT_THAT(rows[0].cells[2],
              HasSubstr("after stage 1 (conv1) less after stage 4 (dense64): +8.9"));
  EXPECT_EQ(rows[1].cells[1], "contradicted");  // 11.8 and 8.9 points are above the last cut
  EXPECT_THAT(rows[1].cells[2], HasSubstr("2 middle cuts looked at"));
  EXPECT_THAT(rows[1].cells[3], HasSubstr("Choose the cut by its accuracy"));
  EXPECT_EQ(rows[2].cells[1], "supported");
  EXPECT_EQ(rows[2].cells[3], "Start from this backbone.");
  EXPECT_EQ(rows[3].cells[1], "supported");
  EXPECT_THAT(rows[3].cells[3], HasSubstr("transfer.kept_lr_factor=0.1"));
}

TEST(VerdictText, TurnsWithTheNumbers) {
  const TempDir folder;
  SyntheticSweep sweep = controlled_sweep();
  sweep.modes[0].gains = {0.0, -0.05, -0.08, 0.1};
  sweep.modes[1].gains = {-0.08, -0.08, -0.08, -0.08};
  sweep.modes[2].gains = {-0.04, -0.04, -0.04, -0.04};
  const auto rows = verdicts_of(sweep_of(folder, sweep));
  EXPECT_EQ(rows[0].cells[1], "contradicted");
  EXPECT_EQ(rows[1].cells[1], "supported");
  EXPECT_THAT(rows[1].cells[3], HasSubstr("Do not cut after stage 2 (conv2), stage 3 (conv3)."));
  EXPECT_EQ(rows[2].cells[1], "contradicted");
  EXPECT_EQ(rows[3].cells[1], "contradicted");
}

TEST(VerdictText, WhatWasNotRunIsNotMeasuredAndSaysWhatToRun) {
  const TempDir folder;
  for (const TransferRun& run : {TransferRun{}, sweep_of(folder, {})})
    for (const auto& row : verdicts_of(run)) {
      EXPECT_EQ(row.cells[1], "not measured");
      EXPECT_THAT(row.cells[3], HasSubstr("Run "));
    }
  EXPECT_THAT(gate_text({}), HasSubstr("No control with random weights was run"));
}

}  // namespace
}  // namespace espalier::report
