#include "report/history.h"

#include <gmock/gmock.h>

#include "report/synthetic_run.h"
#include "report/text_chart.h"
#include "support/error_of.h"
#include "support/temp_dir.h"

namespace espalier::report {
namespace {

using testing::HasSubstr;

TEST(TextChart, DrawsWhatItIsGiven) {
  const Scalar falling{"loss", {0, 10, 20, 30}, {4, 3, 2, 1}};
  EXPECT_EQ(text_chart("Loss", {falling}, /*columns=*/4, /*rows=*/4),
            "Loss\n"
            "        4 |*\n"
            "          | *\n"
            "          |  *\n"
            "        1 |   *\n"
            "           0 30 step\n");
}

TEST(TextChart, GivesEachCurveItsOwnCharacterAndLeavesAGapWhereAValueIsNotFinite) {
  const Scalar a{"a", {0, 1, 2}, {1, kUnknown, 1}}, b{"b", {0, 1, 2}, {0, 0, 0}};
  EXPECT_EQ(text_chart("Both", {a, b}, /*columns=*/3, /*rows=*/2),
            "Both   * a   o b\n"
            "        1 |* *\n"
            "        0 |ooo\n"
            "           0 2 step\n");
}

TEST(TextChart, OfOneValueOrNoneIsAFrame) {
  EXPECT_THAT(text_chart("Loss", {{"loss", {5}, {2}}}, 4, 2), HasSubstr("2 |*\n"));
  EXPECT_THAT(text_chart("Loss", {{"loss", {5}, {kUnknown}}}, 4, 2), HasSubstr("|\n"));
}

TEST(History, OfAPretrainingHasEveryNumberOfItsMetrics) {
  const TempDir temp;
  write_pretrain_run(temp / "rotation", 1000);
  const History history = read_history(temp / "rotation");
  EXPECT_EQ(history.name, "rotation");
  const auto knn = std::ranges::find(history.scalars, "knn_accuracy", &Scalar::name);
  ASSERT_NE(knn, history.scalars.end());
  EXPECT_EQ(knn->steps, (std::vector<double>{500, 1000}));
  const std::string text = history_text(history, /*rows=*/10);
  EXPECT_THAT(text, HasSubstr("Loss\n"));
  EXPECT_THAT(text, HasSubstr("Accuracy, %   * accuracy   o knn_accuracy\n"));
  EXPECT_THAT(text, testing::ContainsRegex("\n *1000  .*0\\.\n?"));
  EXPECT_THAT(history_page(history), HasSubstr("<svg"));
}

TEST(History, OfACellIsItsCurveWhereValuesMayBeMissing) {
  const TempDir temp;
  write_file(temp / "curve.csv",
             "step,loss,accuracy,lr,validation_loss,validation_accuracy\n"
             "10,1.5,0.25,0.1,,\n"
             "20,1.25,0.5,0.05,1.3,0.45\n");
  const History history = read_history(temp.path());
  ASSERT_EQ(history.scalars.size(), 5U);
  const auto validation = std::ranges::find(history.scalars, "validation_loss", &Scalar::name);
  ASSERT_NE(validation, history.scalars.end());
  EXPECT_EQ(validation->steps, std::vector<double>{20});
  EXPECT_EQ(validation->values, std::vector<double>{1.3});
  EXPECT_THAT(history_text(history), HasSubstr("        10    1.5000"));
}

TEST(History, TableEndsWithTheLastStepAndHasAboutTheRowsThatWereAskedFor) {
  const TempDir temp;
  write_pretrain_run(temp.path(), 1000);  // a row every 10 steps
  const std::string text = history_text(read_history(temp.path()), 12);
  const std::string table = text.substr(text.find("      step"));
  const auto lines = std::ranges::count(table, '\n') - 1;
  EXPECT_GE(lines, 12);
  EXPECT_LE(lines, 24);
  EXPECT_THAT(table.substr(table.rfind('\n', table.size() - 2)),
              testing::StartsWith("\n      1000"));
}

TEST(History, OfASweepNamesWhatToAskInstead) {
  const TempDir temp;
  make_directories(temp / "cells");
  EXPECT_THAT(error_of(Kind::kUsage, [&] { read_history(temp.path()); }), HasSubstr("/cells/ID"));
  EXPECT_THAT(error_of(Kind::kUsage, [&] { read_history(temp / "cells"); }),
              HasSubstr("espalier runs"));
}

TEST(History, OfARunThatHasMeasuredNothingSaysSo) {
  const TempDir temp;
  write_file(temp / "metrics.jsonl", "");
  EXPECT_THAT(error_of(Kind::kUsage, [&] { read_history(temp.path()); }),
              HasSubstr("nothing so far"));
}

}  // namespace
}  // namespace espalier::report
