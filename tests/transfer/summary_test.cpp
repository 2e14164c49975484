#include "transfer/summary.h"

#include <gmock/gmock.h>

#include <cmath>

namespace espalier::transfer {
namespace {

using testing::HasSubstr;

FinishedCell cell(std::optional<Mode> mode, int64_t cut, int64_t seed, double accuracy,
                  Status status = Status::kDone) {
  return {"id", {mode, cut, 10, seed}, {.accuracy = accuracy, .status = status}};
}

// Scratch differs widely from seed to seed, tuned is 2 points above it at every seed, give or take.
std::vector<FinishedCell> example() {
  return {cell(std::nullopt, 0, 0, 0.50), cell(Mode::kTuned, 1, 0, 0.52),
          cell(Mode::kTuned, 2, 0, 0.40), cell(std::nullopt, 0, 1, 0.60),
          cell(Mode::kTuned, 1, 1, 0.63), cell(Mode::kTuned, 2, 1, 0.61),
          cell(std::nullopt, 0, 2, 0.70), cell(Mode::kTuned, 1, 2, 0.71),
          cell(Mode::kTuned, 2, 2, 0.69)};
}

TEST(Summary, DifferencesArePairedBySeed) {
  const std::vector<Row> rows = summarise(example());
  ASSERT_EQ(rows.size(), 3);
  EXPECT_TRUE(std::isnan(rows[0].p));
  EXPECT_NEAR(rows[1].difference.mean, 0.02, 1e-12);
  // Student's quantile of 2 degrees, 4.3027, times 0.01 / sqrt(3); the pairs share the seeds'
  // spread of 0.1, which does not enter.
  EXPECT_NEAR(rows[1].difference.half_width, 4.302653 * 0.01 / std::sqrt(3), 1e-6);
  EXPECT_NEAR(rows[1].accuracy.half_width, 4.302653 * std::sqrt(0.0091) / std::sqrt(3), 1e-3);
}

TEST(Summary, HolmCorrectsOverTheCutsModesAndBudgetsOfASweep) {
  const std::vector<Row> rows = summarise(example());
  const double smaller = std::min(rows[1].p, rows[2].p);
  EXPECT_DOUBLE_EQ(std::min(rows[1].holm_p, rows[2].holm_p), 2 * smaller);
  EXPECT_TRUE(std::isnan(rows[0].holm_p));
  std::vector<FinishedCell> cells = example();
  for (FinishedCell finished : example()) {
    finished.cell.labels_per_class = 50;
    cells.push_back(finished);
  }
  EXPECT_DOUBLE_EQ(summarise(cells)[1].holm_p, std::min(1.0, 2 * rows[1].holm_p));
}

TEST(Summary, ADivergedCellIsNoValueAndItsSeedIsNoPair) {
  std::vector<FinishedCell> cells = example();
  cells[3] = cell(std::nullopt, 0, 1, std::nan(""), Status::kDiverged);
  const std::vector<Row> rows = summarise(cells);
  EXPECT_EQ(rows[0].accuracy.n, 2);
  EXPECT_EQ(rows[1].accuracy.n, 3);
  EXPECT_EQ(rows[1].difference.n, 2);
  EXPECT_THAT(cells_csv(cells, {"a", "b"}), HasSubstr("id,scratch,0,,10,1,,0,0,0,0,diverged\n"));
}

TEST(Summary, NDivergedAndStuckAreColumnsOfEveryTable) {
  std::vector<FinishedCell> cells = example();
  cells[1] = cell(Mode::kTuned, 1, 0, std::nan(""), Status::kDiverged);
  cells[4].result.stuck = true;
  for (int64_t seed = 0; seed < 3; ++seed)
    cells.push_back(cell(Mode::kFrozen, 1, seed, std::nan(""), Status::kDiverged));
  const std::vector<Row> rows = summarise(cells);
  const std::string table = summary_table(rows, {"a", "b"});
  EXPECT_THAT(table, HasSubstr("n 2, 1 diverged, 1 stuck"));
  EXPECT_THAT(table, HasSubstr("-  n 0, 3 diverged"));
  EXPECT_THAT(table, HasSubstr("60.0 ± 24.8  n 3\n"));
  EXPECT_THAT(summary_csv(rows, {"a", "b"}), HasSubstr(",diff_n,diverged,stuck\n"));
  EXPECT_THAT(cells_csv(cells, {"a", "b"}), HasSubstr(",steps,stuck,status\n"));
  const Json json = summary_json(rows, {"a", "b"}, {"x", "y"});
  int64_t diverged = 0, stuck = 0;
  for (const Json& row : json["rows"]) {
    diverged += row["diverged"].get<int64_t>();
    stuck += row["stuck"].get<int64_t>();
  }
  EXPECT_EQ(diverged, 4);
  EXPECT_EQ(stuck, 1);
}

TEST(Summary, TheBestRowIsNeverScratchAndTheTableSaysThatItWasSelected) {
  std::vector<FinishedCell> cells = example();
  for (FinishedCell& finished : cells)
    if (finished.cell.cut == 0) finished.result.accuracy += 0.2;
  const std::vector<Row> rows = summarise(cells);
  ASSERT_NE(best_row(rows, 10), nullptr);
  EXPECT_EQ(best_row(rows, 10)->cut, 1);
  EXPECT_EQ(best_row(rows, 50), nullptr);
  const std::string table = summary_table(rows, {"a", "b"});
  EXPECT_THAT(table, HasSubstr("62.0"));
  EXPECT_THAT(table, HasSubstr("* highest of 2 means and so selected; against scratch -18.0"));
}

TEST(Summary, OneSeedHasNoIntervalAndNullsInItsJson) {
  const std::vector<Row> rows =
      summarise({cell(std::nullopt, 0, 0, 0.5), cell(Mode::kTuned, 1, 0, 0.6)});
  const Json json = Json::parse(summary_json(rows, {"a"}, {"x", "y"}).dump());
  EXPECT_TRUE(json["rows"][1]["half_width"].is_null());
  EXPECT_TRUE(json["rows"][1]["p"].is_null());
  EXPECT_NEAR(json["rows"][1]["diff_mean"], 0.1, 1e-12);
  const std::string table = summary_table(rows, {"a"});
  EXPECT_THAT(table, HasSubstr("too few seeds"));
  EXPECT_THAT(table, testing::Not(HasSubstr("selected")));
  EXPECT_EQ(best_row(rows, 10), nullptr);
}

}  // namespace
}  // namespace espalier::transfer
