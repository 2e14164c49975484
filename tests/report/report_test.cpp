#include "report/report.h"

#include <gmock/gmock.h>

#include "core/error.h"
#include "report/finding.h"
#include "report/practice.h"
#include "report/run.h"
#include "report/synthetic_run.h"
#include "support/temp_dir.h"

namespace espalier::report {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

TransferRun sweep_of(const TempDir& folder, const SyntheticSweep& sweep) {
  write_transfer_run(folder / "sweep", sweep);
  return read_runs({folder / "sweep"}).transfer.at(0);
}

// A row whose numbers are chosen, for the words that must follow from them.
Row row(const std::string& mode, int64_t cut, double accuracy, Interval difference, double holm_p) {
  return {
      mode,  "conv" + std::to_string(cut), cut, 10, {accuracy, 0.005, 5}, difference, holm_p / 8,
      holm_p};
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
            "points over "
            "training from scratch (52.2 % against 50.0 %, 5 seeds), clear after Holm's correction "
            "(p = 0.004). "
            "The last cut (conv3, frozen) loses 14.8 ± 1.0 points, as last layers do that are "
            "specific to the "
            "pretext task.");
  EXPECT_THAT(texts.at(1), AllOf(HasSubstr("selected"), HasSubstr("highest of 3 means"),
                                 HasSubstr("Holm over 3 comparisons")));
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

TEST(Finding, OneSeedIsADirectionAndNoEvidence) {
  const auto texts = findings(run_of({row("tuned", 2, 0.55, {0.05, NAN, 1}, NAN)}));
  EXPECT_THAT(texts.at(0), HasSubstr("no evidence"));
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
  EXPECT_THAT(findings(TransferRun{}).at(0), HasSubstr("No cell"));
}

TEST(Summary, PairsBySeedAndLeavesHolesOut) {
  const TempDir folder;
  make_directories(folder / "s");
  std::string csv = kCellsHeader;
  for (int64_t seed = 0; seed < 3; ++seed) {
    csv += cell_line("scratch", 0, "", 10, seed, 0.2 + 0.1 * static_cast<double>(seed));
    csv += cell_line("tuned", 1, "conv1", 10, seed, 0.25 + 0.1 * static_cast<double>(seed));
  }
  csv += cell_line("tuned", 1, "conv1", 10, 3, 0.99);  // scratch lacks this seed
  csv += cell_line("tuned", 1, "conv1", 10, 4, 0.1, "stuck");
  csv += cell_line("tuned", 1, "conv1", 10, 5, 0.1, "failed");
  write_file(folder / "s" / "cells.csv", csv);
  const TransferRun run = read_runs({folder / "s"}).transfer.at(0);
  const Row* tuned = run.find(10, "tuned", 1);
  ASSERT_TRUE(tuned);
  EXPECT_EQ(tuned->accuracy.n, 4);
  EXPECT_EQ(tuned->difference.n, 3);
  EXPECT_NEAR(tuned->difference.mean, 0.05, 1e-12);
  EXPECT_EQ(run.holes(), 2);
  EXPECT_THAT(findings(run).back(), HasSubstr("2 of 9 cells gave no result (1 failed, 1 stuck)"));
}

TEST(Summary, TheSweepsOwnRowsAreTakenWhereItWroteThem) {
  const TempDir folder;
  make_directories(folder / "s");
  write_file(folder / "s" / "summary.json",
             R"({"stages":["conv1"],"chance":0.1,"rows":[
                 {"mode":"scratch","cut":0,"stage":"","labels_per_class":10,"n":5,"mean":0.5,"half_width":0.01,
                  "diff_mean":null,"diff_half_width":null,"p":null,"holm_p":null},
                 {"mode":"tuned","cut":1,"stage":"conv1","labels_per_class":10,"n":5,"mean":0.6,"half_width":0.01,
                  "diff_mean":0.1,"diff_half_width":0.02,"p":0.01,"holm_p":0.04}]})");
  const TransferRun run = read_runs({folder / "s"}).transfer.at(0);
  EXPECT_DOUBLE_EQ(run.find(10, "tuned", 1)->holm_p, 0.04);
  EXPECT_THAT(findings(run).at(0), HasSubstr("+10.0 ± 2.0 points"));
  EXPECT_THAT(run.notes, Contains("cells.csv is missing"));
}

TEST(Practice, IsTestedByWhatWasRun) {
  const TempDir folder;
  const auto found = statements(sweep_of(folder, {}), {});
  ASSERT_EQ(found.size(), 4u);
  EXPECT_EQ(found[0].verdict, Verdict::kSupported);  // first 1.2, last -14.8 points
  EXPECT_EQ(found[1].verdict, Verdict::kUnclear);    // no middle cut below both ends
  EXPECT_EQ(found[2].verdict, Verdict::kSupported);  // tuned is above scratch at every cut
  EXPECT_EQ(found[3].verdict, Verdict::kNotTested);
  EXPECT_THAT(found[3].evidence, HasSubstr("kept_lr_factor"));
}

TEST(Practice, TurnsWithTheNumbers) {
  const TempDir folder;
  SyntheticSweep sweep;
  sweep.modes = {{"frozen", {-0.1, -0.2, -0.2, 0.1}}, {"tuned", {-0.1, -0.1, -0.1, -0.1}}};
  const auto found = statements(sweep_of(folder, sweep), {});
  EXPECT_EQ(found[0].verdict, Verdict::kContradicted);
  EXPECT_EQ(found[1].verdict, Verdict::kSupported);
  EXPECT_EQ(found[2].verdict, Verdict::kContradicted);
}

TEST(Practice, LowerRateIsTestedByTwoSweeps) {
  const TempDir folder;
  SyntheticSweep low, same;
  same.kept_lr_factor = "1";
  same.modes = {{"tuned", {-0.03, -0.03, -0.03, -0.03}}};
  write_transfer_run(folder / "low", low);
  write_transfer_run(folder / "same", same);
  const Runs runs = read_runs({folder / "low", folder / "same"});
  EXPECT_EQ(statements(runs.transfer[0], runs.transfer)[3].verdict, Verdict::kSupported);
}

TEST(Practice, WithoutCellsNothingIsTested) {
  for (const Statement& statement : statements(TransferRun{}, {}))
    EXPECT_EQ(statement.verdict, Verdict::kNotTested);
}

TEST(Report, ShowsAChartOfEachKindForEachLabelBudget) {
  const TempDir folder;
  SyntheticSweep sweep;
  sweep.budgets = {10, 100};
  write_transfer_run(folder / "runs/sweep", sweep);
  write_pretrain_run(folder / "runs/rotation", 2000);
  const std::string text = render({folder / "runs"});
  for (const char* part :
       {"Test accuracy, 10 labels per class", "Gain over scratch, 100 labels per class", "Loss",
        "Accuracy while pretraining", "Example CPU 9000", "Configuration of sweep"})
    EXPECT_THAT(text, HasSubstr(part));
  for (const char* unknown : {" nan", "\"nan", ">nan"}) EXPECT_THAT(text, Not(HasSubstr(unknown)));
}

TEST(Report, EveryCellIsADotOrACross) {
  const TempDir folder;
  SyntheticSweep sweep;
  sweep.modes.resize(1);
  write_transfer_run(folder / "s", sweep);
  std::string csv = read_file(folder / "s" / "cells.csv");
  csv += cell_line("frozen", 2, "conv2", 10, 77, 0, "failed");
  write_file(folder / "s" / "cells.csv", csv);
  const std::string text = render({folder / "s"});
  const auto count = [&](const std::string& part) {
    size_t found = 0;
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
      ++found;
    return found;
  };
  EXPECT_EQ(count("class=\"dot\""), 2u * 4 * 5);  // accuracy and gain: four cuts, five seeds
  EXPECT_EQ(count("class=\"hole\""), 2u);
  EXPECT_THAT(text, HasSubstr("frozen, cut 2, seed 77: failed"));
}

TEST(Report, ARunThatHasHardlyBegunIsStillReported) {
  const TempDir folder;
  make_directories(folder / "p");
  write_file(folder / "p" / "metrics.jsonl", "{\"step\":10,\"loss\":1.5}\n{\"step\":20,\"lo");
  const std::string text = render({folder / "p"});
  EXPECT_THAT(text, HasSubstr("10 steps"));
  EXPECT_THAT(text, HasSubstr("backbone.json is missing"));
  EXPECT_THAT(text, HasSubstr("provenance.json is missing"));
}

TEST(Report, DamagedFilesAreSaidAndNotFatal) {
  const TempDir folder;
  make_directories(folder / "t");
  write_file(folder / "t" / "summary.json", "{\"stages\":[\"conv1\"");
  write_file(folder / "t" / "cells.csv", std::string(kCellsHeader) + "half,a,line\n");
  make_directories(folder / "p");
  write_file(folder / "p" / "metrics.jsonl", "not json\n");
  const std::string text = render({folder / "t", folder / "p"});
  EXPECT_THAT(text, HasSubstr("summary.json is not a JSON object"));
  EXPECT_THAT(text, HasSubstr("a line has 3 fields instead of 11"));
  EXPECT_THAT(text, HasSubstr("metrics.jsonl:1"));
}

TEST(Report, NamesFromFilesCannotBecomeMarkup) {
  const TempDir folder;
  SyntheticSweep sweep;
  sweep.stages[1] = "<img onerror=x>";
  sweep.modes[0].name = "<b>frozen";
  write_transfer_run(folder / "s", sweep);
  const std::string text = render({folder / "s"});
  EXPECT_THAT(text, Not(HasSubstr("<img")));
  EXPECT_THAT(text, Not(HasSubstr("<b>frozen")));
}

TEST(Report, AFolderWithoutRunsIsAUsageError) {
  const TempDir folder;
  for (const auto& path : {folder.path(), folder / "none"}) {
    try {
      render({path});
      FAIL() << "a report of nothing was made";
    } catch (const Error& error) {
      EXPECT_EQ(error.kind(), Kind::kUsage);
    }
  }
}

TEST(Report, MarkdownHoldsFindingAndTables) {
  const TempDir folder;
  write_transfer_run(folder / "s", {});
  const std::string text = render_markdown({folder / "s"});
  EXPECT_THAT(text, HasSubstr("the best cut is after stage 2 (conv2), tuned"));
  EXPECT_THAT(text, HasSubstr("| Labels per class | Mode |"));
  EXPECT_THAT(text, HasSubstr("not tested here"));
}

}  // namespace
}  // namespace espalier::report
