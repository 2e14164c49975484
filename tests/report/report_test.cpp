#include "report/report.h"

#include <gmock/gmock.h>

#include <regex>

#include "core/error.h"
#include "report/finding.h"
#include "report/run.h"
#include "report/synthetic_run.h"
#include "support/temp_dir.h"

namespace espalier::report {
namespace {

using testing::AllOf;
using testing::Contains;
using testing::HasSubstr;
using testing::Not;

TEST(Report, ShowsAChartOfEachKindForEachLabelBudget) {
  const TempDir folder;
  SyntheticSweep sweep;
  sweep.budgets = {10, 100};
  write_transfer_run(folder / "runs/sweep", sweep);
  write_pretrain_run(folder / "runs/rotation", 2000);
  const std::string text = render({folder / "runs"});
  for (const char* part :
       {"Accuracy over the cut, 10 labels per class", "Difference to scratch, 100 labels per class",
        "Loss", "Accuracy while pretraining", "Example CPU 9000", "Configuration of sweep"})
    EXPECT_THAT(text, HasSubstr(part));
  for (const char* unknown : {" nan", "\"nan", ">nan"}) EXPECT_THAT(text, Not(HasSubstr(unknown)));
}

TEST(Report, EveryCellIsADotOrACross) {
  const TempDir folder;
  SyntheticSweep sweep;
  sweep.modes.resize(1);
  SyntheticCells cells = synthetic_cells(sweep);
  cells.add(sweep.modes[0], 2, 10, 77, 0, "failed");
  write_sweep(folder / "s", cells);
  const std::string text = render({folder / "s"});
  const auto count = [&](const std::string& part) {
    size_t found = 0;
    for (size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1))
      ++found;
    return found;
  };
  // Four cuts, five seeds; and the seeds of scratch, the point of cut 0.
  EXPECT_EQ(count("class=\"dot\""), 4u * 5 + 5);
  EXPECT_EQ(count("class=\"hole\""), 1u);
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
  write_file(folder / "t" / "plan.json", "{\"stages\":[\"conv1\"");
  write_file(folder / "t" / "cells.csv", "id,accuracy,status,stuck\nhalf,a,line\n");
  make_directories(folder / "p");
  write_file(folder / "p" / "metrics.jsonl", "not json\n");
  const std::string text = render({folder / "t", folder / "p"});
  EXPECT_THAT(text, HasSubstr("plan.json is not a JSON object"));
  EXPECT_THAT(text, HasSubstr("a line has 3 fields instead of 4"));
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

// What the page of a sweep draws: the text between two of its parts.
std::vector<std::string> charts_of(const std::string& page, const std::string& heading) {
  std::vector<std::string> charts;
  for (size_t at = page.find("<h3>" + heading); at != std::string::npos;
       at = page.find("<h3>" + heading, at + 1))
    charts.push_back(page.substr(at, page.find("</figure>", at) - at));
  return charts;
}

// The lower of two charts of a drawing.
std::string gains_of(const std::string& chart) {
  return chart.substr(chart.rfind("<g transform=\"translate(0 "));
}

// The numbers along the axis of differences, which stand at the end of their place and have signs.
std::vector<std::string> y_labels(const std::string& chart) {
  std::vector<std::string> labels;
  const std::regex label("text-anchor=\"end\">((\\+|−)[^<]*)<");
  for (auto at = std::sregex_iterator(chart.begin(), chart.end(), label);
       at != std::sregex_iterator(); ++at)
    labels.push_back((*at)[1]);
  return labels;
}

TEST(Report, DifferencesOfAPageShareOneScaleAndScratchIsThePointOfCutZero) {
  const TempDir folder;
  SyntheticSweep sweep, wide;
  sweep.budgets = {10, 100};
  wide.modes = {{"tuned", {0.2, 0.3, -0.4, 0}}};
  write_transfer_run(folder / "r/a", sweep);
  write_transfer_run(folder / "r/b", wide);
  const auto charts = charts_of(render({folder / "r"}), "Accuracy over the cut");
  ASSERT_EQ(charts.size(), 3u);
  for (const std::string& chart : charts) {
    EXPECT_GE(y_labels(gains_of(chart)).size(), 2u);
    EXPECT_EQ(y_labels(gains_of(chart)), y_labels(gains_of(charts[0])));
    EXPECT_THAT(chart, HasSubstr(">scratch</text>"));
    EXPECT_THAT(chart, HasSubstr("scratch, cut 0, seed "));
  }
}

TEST(Report, CaptionsSpeakOnlyOfWhatIsDrawn) {
  const TempDir folder;
  write_transfer_run(folder / "s", {});
  EXPECT_THAT(charts_of(render({folder / "s"}), "Accuracy over the cut").at(0),
              Not(HasSubstr("a cross")));
  make_directories(folder / "p");
  write_file(folder / "p" / "metrics.jsonl",
             "{\"step\":10,\"loss\":1.5}\n{\"step\":20,\"loss\":1.2}\n");
  const std::string loss = charts_of(render({folder / "p"}), "Loss").at(0);
  EXPECT_THAT(loss, Not(HasSubstr("Faint")));
  EXPECT_THAT(loss, HasSubstr("Markers"));
}

TEST(Report, TheUntrainedNetworkStandsBesideTheTrainedOne) {
  const TempDir folder;
  make_directories(folder / "p");
  write_file(folder / "p" / "metrics.jsonl",
             "{\"step\":0,\"knn_accuracy\":0.25}\n{\"step\":10,\"loss\":1.5}\n"
             "{\"step\":20,\"loss\":1.2,\"knn_accuracy\":0.5}\n");
  const std::string text = render({folder / "p"});
  EXPECT_THAT(text,
              HasSubstr("knn_accuracy is 50.0 % at the end, 25.0 % of the untrained network"));
  EXPECT_THAT(charts_of(text, "Accuracy").at(0), HasSubstr("At step 0: the untrained network"));
}

TEST(Report, CountsOfSeedsDivergedAndStuckCellsAreColumns) {
  const TempDir folder;
  SyntheticSweep sweep;
  sweep.modes.resize(1);
  SyntheticCells cells = synthetic_cells(sweep);
  cells.add(sweep.modes[0], 2, 10, 5, 0, "diverged");
  cells.add(sweep.modes[0], 2, 10, 6, 0.1, "done", /*stuck=*/true);
  write_sweep(folder / "s", cells);
  const TransferRun run = read_runs({folder / "s"}).transfer.at(0);
  const Row* row = run.find(10, run.lines().at(0), 2);
  EXPECT_EQ(row->accuracy.n, 6);
  EXPECT_EQ(row->difference.n, 5);  // scratch has five seeds
  EXPECT_EQ(row->failed, 1);
  EXPECT_EQ(row->stuck, 1);
  const std::string markdown = render_markdown({folder / "s"});
  EXPECT_THAT(markdown, HasSubstr("| n | Diverged | Stuck |"));
  EXPECT_THAT(markdown, HasSubstr("| 2 conv2 | 6 | 1 | 1 |"));
  EXPECT_THAT(findings(run), Contains(HasSubstr("1 cell ended at chance (stuck)")));
}

TEST(Report, AKilledSweepIsReportedFromItsCells) {
  const TempDir folder;
  Json plan = {{"schema", 2}, {"stages", {"conv1"}}, {"classes", {"a", "b"}}, {"chance", 0.5}};
  plan["budgets"] = {{{"labels_per_class", 10}, {"rule", "20 total"}}};
  plan["short_classes"] = {{{"class", "a"}, {"images", 7}}};
  int64_t arm = 0;
  for (const auto& [mode, cut] : {std::pair("scratch", 0), std::pair("tuned", 1)}) {
    plan["arms"].push_back({{"source", cut > 0 ? "ours" : ""},
                            {"mode", mode},
                            {"kept_lr_factor", 1},
                            {"cut", cut},
                            {"labels_per_class", 10}});
    for (int64_t seed = 0; seed < 4; ++seed) {
      const std::string id = fmt::format("{}{}", mode, seed);
      plan["cells"].push_back({{"id", id}, {"arm", arm}, {"seed", seed}, {"backbone", 0}});
      if (seed == 3) plan["cells"].back()["id"] = nullptr;  // its setting is not chosen yet
      if (seed >= 2) continue;                              // not yet
      make_directories(folder / "s/cells" / id);
      const Json result = {{"accuracy", 0.5 + 0.1 * cut + 0.01 * static_cast<double>(cut * seed)},
                           {"loss", 1.0},
                           {"seconds", 2.0},
                           {"status", "done"},
                           {"stuck", false}};
      write_file(folder / "s/cells" / id / "result.json", result.dump());
    }
    ++arm;
  }
  write_file(folder / "s/plan.json", plan.dump());
  const TransferRun run = read_runs({folder / "s"}).transfer.at(0);
  EXPECT_EQ(run.waiting(), 4);
  EXPECT_EQ(run.holes(), 0);
  EXPECT_NEAR(run.find(10, run.lines().at(0), 1)->difference.mean, 0.105, 1e-12);
  EXPECT_THAT(findings(run).at(1),
              HasSubstr("keep 1 of 1 stages (up to conv1) and tune it at the full rate: +10.5 "
                        "points"));
  EXPECT_THAT(findings(run), Contains(HasSubstr("4 of 8 cells have a result")));
  const std::string page = render({folder / "s"});
  EXPECT_THAT(page, Not(HasSubstr("crosses")));
  EXPECT_THAT(page, HasSubstr("10 labels per class are 20 total, in equal shares. Classes with "
                              "fewer images give all they have: a (7)."));
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
  EXPECT_THAT(text, HasSubstr("keep 2 of 4 stages (up to conv2) and tune them at 0.1 of the rate"));
  EXPECT_THAT(text, HasSubstr("| Labels per class | Mode |"));
  EXPECT_THAT(text, HasSubstr("not measured"));
}

}  // namespace
}  // namespace espalier::report
