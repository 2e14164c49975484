#include "statistics/cells.h"

#include <gmock/gmock.h>

#include <cmath>

namespace espalier::statistics {
namespace {

using testing::ElementsAre;

Cell cell(const Line& line, int64_t cut, int64_t seed, double accuracy, int64_t backbone = 0) {
  return {.source = line.source,
          .mode = line.mode,
          .head = line.head,
          .status = "done",
          .factor = line.factor,
          .cut = cut,
          .labels_per_class = 10,
          .seed = seed,
          .backbone = backbone,
          .accuracy = accuracy,
          .control = line.control};
}

const Line kScratch{"", "scratch", "suffix"};
const Line kTuned{"ours", "tuned", "suffix", 0.1};

TEST(Cells, ArmsThatDifferInSourceFactorOrHeadAreRowsOfTheirOwn) {
  std::vector<Cell> cells;
  const std::vector<Line> lines = {kTuned,
                                   {"ours", "tuned", "suffix", 1},
                                   {"public", "tuned", "suffix", 0.1},
                                   {"ours", "tuned", "mlp", 0.1}};
  for (const Line& line : lines) cells.push_back(cell(line, 1, 0, 0.5));
  cells.push_back(cell(kScratch, 0, 0, 0.4));
  const std::vector<Row> rows = summarize(cells);
  ASSERT_EQ(rows.size(), 5u);
  EXPECT_EQ(rows[0].line, kScratch);
  EXPECT_EQ(lines_of(rows), lines);
  EXPECT_EQ(name_of(lines[2], lines), "tuned ×0.1, suffix head, public");
  EXPECT_EQ(name_of(lines[0], {lines[0]}), "tuned");
}

TEST(Cells, AControlIsWhatThePlanCallsSoAndNeverTheBest) {
  const Line control{"", "mean_var", "suffix", 1, true}, plain{"ours", "random_look", "suffix", 1};
  std::vector<Cell> cells;
  for (int64_t seed = 0; seed < 2; ++seed) {
    cells.push_back(cell(control, 1, seed, 0.9));
    cells.push_back(cell(plain, 1, seed, 0.5));
  }
  const std::vector<Row> rows = summarize(cells);
  ASSERT_TRUE(best_row(rows, 10));
  EXPECT_EQ(best_row(rows, 10)->line, plain);
}

TEST(Cells, SeedsOfOneBackboneAreOneClusterAndThoseOfScratchAreNone) {
  const std::vector<Cell> cells = {cell(kTuned, 1, 0, 0.6, 0), cell(kTuned, 1, 1, 0.7, 1),
                                   cell(kScratch, 0, 0, 0.5, 0), cell(kScratch, 0, 1, 0.5, 1)};
  const BySeed differences = minus(by_seed(cells, 10, kTuned, 1), scratch_by_seed(cells, 10));
  EXPECT_EQ(differences.at(0).cluster, 0);
  EXPECT_EQ(differences.at(1).cluster, 1);
  EXPECT_NEAR(differences.at(1).value, 0.2, 1e-12);
  EXPECT_EQ(scratch_by_seed(cells, 10).at(1).cluster, Value::kNoCluster);
}

}  // namespace
}  // namespace espalier::statistics
