#include "statistics/predictions.h"

#include <gmock/gmock.h>

#include "core/error.h"
#include "core/files.h"
#include "support/temp_dir.h"

namespace espalier::statistics {
namespace {

using testing::ElementsAre;
using testing::IsNan;

void write_cell(const std::filesystem::path& run, const std::string& id, const std::string& bytes) {
  make_directories(run / "cells" / id);
  write_file(run / "cells" / id / "predictions.bin", bytes);
}

Cell cell(const std::string& id, const std::string& mode, int64_t cut, int64_t seed) {
  return {.id = id,
          .source = cut > 0 ? kOurs : "",
          .mode = mode,
          .status = "done",
          .cut = cut,
          .labels_per_class = 10,
          .seed = seed,
          .accuracy = 0.5};
}

TEST(Predictions, AreScoredAgainstTheLabelsBesideThePlan) {
  const TempDir run;
  write_file(run / "test_labels.bin", std::string("\0\1\1\1", 4));
  write_cell(run.path(), "a", std::string("\0\1\1\0", 4));
  write_cell(run.path(), "b", std::string("\0\1\0\0", 4));
  write_cell(run.path(), "short", std::string("\0\1", 2));
  const Predictions predictions(run.path(), 2);
  EXPECT_NEAR(predictions.scores("a")->balanced_accuracy, (1 + 2.0 / 3) / 2, 1e-12);
  EXPECT_THAT(*predictions.hits("a"), ElementsAre(true, true, true, false));
  EXPECT_FALSE(predictions.of("short"));
  EXPECT_FALSE(predictions.of("none"));
  const std::vector<Cell> cells = {cell("a", "tuned", 1, 0), cell("none", "tuned", 1, 1),
                                   cell("b", "scratch", 0, 0)};
  std::vector<Row> rows = summarize(cells);
  add_scores(rows, cells, predictions);
  EXPECT_NEAR(rows[1].balanced_accuracy, (1 + 2.0 / 3) / 2, 1e-12);
  const auto pairs = pairs_with_scratch(cells, rows[1], predictions);
  ASSERT_EQ(pairs.size(), 1u);
  EXPECT_THAT(pairs[0].second, ElementsAre(true, true, false, false));
}

TEST(Predictions, AboveTwoHundredAndFiftySixClassesTakeTwoBytes) {
  const TempDir run;
  write_file(run / "test_labels.bin", std::string("\x2c\1", 2));  // 300
  EXPECT_THAT(Predictions(run.path(), 1000).labels(), ElementsAre(300));
}

TEST(Predictions, WhatIsMissingIsUnknownAndWhatIsDamagedIsNamed) {
  const TempDir run;
  std::vector<Row> rows(1);
  add_scores(rows, {}, Predictions(run.path(), 2));
  EXPECT_THAT(rows[0].balanced_accuracy, IsNan());
  write_file(run / "test_labels.bin", "\7");
  EXPECT_THROW(Predictions(run.path(), 2), Error);
}

TEST(Scores, AClassWithoutImagesIsNotCounted) {
  const ClassScores scores =
      class_scores(std::vector<int64_t>{0, 1}, std::vector<int64_t>{0, 0}, 3);
  EXPECT_DOUBLE_EQ(scores.balanced_accuracy, 0.5);
  EXPECT_THAT(scores.by_class, ElementsAre(0.5, IsNan(), IsNan()));
  EXPECT_THAT(auroc(std::vector<double>{1, 2}, {true, true}), IsNan());
  EXPECT_THAT(calibration_error({}, {}), IsNan());
}

}  // namespace
}  // namespace espalier::statistics
