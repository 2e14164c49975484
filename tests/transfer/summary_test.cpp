#include "transfer/sweep/summary.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <nlohmann/json.hpp>

namespace espalier::transfer {
namespace {

using statistics::best_row;
using statistics::Cell;
using statistics::Row;
using statistics::summarize;
using testing::HasSubstr;

Cell cell(const std::string& mode, int64_t cut, int64_t seed, double accuracy,
          const std::string& status = "done") {
  return {.id = "id",
          .source = cut > 0 ? "ours" : "",
          .mode = mode,
          .head = "suffix",
          .stage = cut > 0 ? "conv" + std::to_string(cut) : "",
          .status = status,
          .cut = cut,
          .labels_per_class = 10,
          .seed = seed,
          .lr = 0.1,
          .steps = 200,
          .accuracy = accuracy};
}

report::TransferRun run_of(std::vector<Cell> cells) {
  report::TransferRun run;
  run.stages = {"conv1", "conv2"};
  run.classes = {"x", "y"};
  run.chance = 0.5;
  run.cells = std::move(cells);
  run.rows = summarize(run.cells);
  return run;
}

// Scratch differs widely from seed to seed, tuned is 2 points above it at every seed, give or take.
std::vector<Cell> example() {
  return {cell("scratch", 0, 0, 0.50), cell("tuned", 1, 0, 0.52), cell("tuned", 2, 0, 0.40),
          cell("scratch", 0, 1, 0.60), cell("tuned", 1, 1, 0.63), cell("tuned", 2, 1, 0.61),
          cell("scratch", 0, 2, 0.70), cell("tuned", 1, 2, 0.71), cell("tuned", 2, 2, 0.69)};
}

TEST(Summary, DifferencesArePairedBySeed) {
  const std::vector<Row> rows = summarize(example());
  ASSERT_EQ(rows.size(), 3);
  EXPECT_TRUE(std::isnan(rows[0].p));
  EXPECT_NEAR(rows[1].difference.mean, 0.02, 1e-12);
  // Student's quantile of 2 degrees, 4.3027, times 0.01 / sqrt(3); the pairs share the seeds'
  // spread of 0.1, which does not enter.
  EXPECT_NEAR(rows[1].difference.half_width, 4.302653 * 0.01 / std::sqrt(3), 1e-6);
  EXPECT_NEAR(rows[1].accuracy.half_width, 4.302653 * std::sqrt(0.0091) / std::sqrt(3), 1e-3);
}

TEST(Summary, HolmCorrectsOverTheCutsModesAndBudgetsOfASweep) {
  const std::vector<Row> rows = summarize(example());
  const double smaller = std::min(rows[1].p, rows[2].p);
  EXPECT_DOUBLE_EQ(std::min(rows[1].holm_p, rows[2].holm_p), 2 * smaller);
  EXPECT_TRUE(std::isnan(rows[0].holm_p));
  std::vector<Cell> cells = example();
  for (Cell finished : example()) {
    finished.labels_per_class = 50;
    cells.push_back(finished);
  }
  EXPECT_DOUBLE_EQ(summarize(cells)[1].holm_p, std::min(1.0, 2 * rows[1].holm_p));
}

TEST(Summary, ADivergedCellIsNoValueAndItsSeedIsNoPair) {
  std::vector<Cell> cells = example();
  cells[3] = cell("scratch", 0, 1, std::nan(""), "diverged");
  const std::vector<Row> rows = summarize(cells);
  EXPECT_EQ(rows[0].accuracy.n, 2);
  EXPECT_EQ(rows[1].accuracy.n, 3);
  EXPECT_EQ(rows[1].difference.n, 2);
  EXPECT_THAT(cells_csv(cells),
              HasSubstr("id,,scratch,0,suffix,0,,10,1,0,0.1,200,,,,0,diverged\n"));
}

TEST(Summary, NDivergedAndStuckAreColumnsOfEveryTable) {
  std::vector<Cell> cells = example();
  cells[1] = cell("tuned", 1, 0, std::nan(""), "diverged");
  cells[4].stuck = true;
  for (int64_t seed = 0; seed < 3; ++seed)
    cells.push_back(cell("frozen", 1, seed, std::nan(""), "diverged"));
  const std::vector<Row> rows = summarize(cells);
  const std::string table = summary_table(run_of(cells));
  EXPECT_THAT(table, HasSubstr("n 2, 1 diverged, 1 stuck"));
  EXPECT_THAT(table, HasSubstr("-  n 0, 3 diverged"));
  EXPECT_THAT(table, HasSubstr("60.0 ± 24.8 %  n 3\n"));
  EXPECT_THAT(summary_csv(rows), HasSubstr(",diff_n,balanced_accuracy,macro_f1,diverged,stuck\n"));
  EXPECT_THAT(cells_csv(cells), HasSubstr(",seconds,stuck,status\n"));
  const Json json = summary_json(run_of(cells));
  int64_t diverged = 0, stuck = 0;
  for (const Json& row : json["rows"]) {
    diverged += row["diverged"].get<int64_t>();
    stuck += row["stuck"].get<int64_t>();
  }
  EXPECT_EQ(diverged, 4);
  EXPECT_EQ(stuck, 1);
}

TEST(Summary, TheBestRowIsNeverScratchAndTheTableSaysThatItWasSelected) {
  std::vector<Cell> cells = example();
  for (Cell& finished : cells)
    if (finished.cut == 0) finished.accuracy += 0.2;
  const std::vector<Row> rows = summarize(cells);
  ASSERT_NE(best_row(rows, 10), nullptr);
  EXPECT_EQ(best_row(rows, 10)->cut, 1);
  EXPECT_EQ(best_row(rows, 50), nullptr);
  const std::string table = summary_table(run_of(cells));
  EXPECT_THAT(table, HasSubstr("62.0"));
  EXPECT_THAT(table, HasSubstr("* highest of 2 means and so selected; against scratch −18.0"));
}

// At 9 seeds, frozen and tuned gain 10 points over the same from random weights.
report::TransferRun controlled_run() {
  std::vector<Cell> cells;
  for (int64_t seed = 0; seed < 9; ++seed) {
    const double noise = 0.004 * static_cast<double>(seed * seed % 5);
    cells.push_back(cell("scratch", 0, seed, 0.5 + noise));
    for (int64_t cut = 1; cut <= 2; ++cut) {
      const double bump = 0.002 * static_cast<double>((seed + cut) % 3);
      for (const auto& [mode, accuracy] :
           {std::pair("frozen", 0.6), std::pair("tuned", 0.62), std::pair("random_frozen", 0.4),
            std::pair("random_tuned", 0.5)}) {
        cells.push_back(cell(mode, cut, seed, accuracy + noise + bump));
        if (std::string(mode).starts_with("random")) {
          cells.back().source = "";
          cells.back().control = true;
        }
      }
    }
  }
  return run_of(std::move(cells));
}

TEST(Summary, HoldsTheVerdictsAndWhatToDoNow) {
  const report::TransferRun run = controlled_run();
  const Json json = Json::parse(summary_json(run).dump());
  EXPECT_TRUE(json["verdicts"]["told_apart_from_untrained"].get<bool>());
  EXPECT_EQ(json["verdicts"]["pretrained_better"]["verdict"], "supported");
  EXPECT_EQ(json["verdicts"]["middle_cut_fragile"]["verdict"], "not measured");
  EXPECT_GT(json["best"][0]["gain_low"].get<double>(), 0.1);
  EXPECT_EQ(json["best"][0]["chosen_among"], 4);
  EXPECT_EQ(json["effects"][0]["effect"], "boost");
  const std::string table = summary_table(run);
  EXPECT_THAT(table, HasSubstr("Is the pretraining worth it? Of this one backbone, against"));
  EXPECT_THAT(table, HasSubstr("Pretrained weights are better than random ones: supported. Start"));
}

TEST(Summary, OneSeedHasNoIntervalAndNullsInItsJson) {
  const report::TransferRun run = run_of({cell("scratch", 0, 0, 0.5), cell("tuned", 1, 0, 0.6)});
  const Json json = Json::parse(summary_json(run).dump());
  EXPECT_TRUE(json["rows"][1]["half_width"].is_null());
  EXPECT_TRUE(json["rows"][1]["p"].is_null());
  EXPECT_NEAR(json["rows"][1]["diff_mean"], 0.1, 1e-12);
  const std::string table = summary_table(run);
  EXPECT_THAT(table, HasSubstr("too few seeds"));
  EXPECT_THAT(table, testing::Not(HasSubstr("selected")));
  EXPECT_EQ(run.best(10), nullptr);
}

}  // namespace
}  // namespace espalier::transfer
