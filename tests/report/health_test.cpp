// What a page says of the health of a pretraining.
#include <gtest/gtest.h>

#include "report/finding.h"
#include "report/sections.h"
#include "support/temp_dir.h"
#include "synthetic_run.h"

namespace espalier::report {
namespace {

PretrainRun run_with(const std::vector<Json>& rows) {
  const TempDir temp;
  make_directories(temp / "run");
  {
    JsonlWriter metrics(temp / "run" / "metrics.jsonl");
    for (const Json& row : rows) metrics.write(row);
  }
  return read_runs({temp.path()}).pretrain.at(0);
}

TEST(Health, AWarningIsInTheFindingWithItsStep) {
  const PretrainRun run = run_with(
      {{{"step", 10}, {"loss", 1.5}},
       {{"step", 20}, {"loss", 1.4}, {"health_feature_std", 0.001}, {"warning_collapse", 1}}});
  EXPECT_NE(finding(run).find("It was warned of collapse after step 20"), std::string::npos);
  EXPECT_EQ(finding(run_with({{{"step", 10}, {"loss", 1.5}}})).find("warned"), std::string::npos);
}

TEST(Health, HasChartsOfItsOwnWhereItWasMeasured) {
  const PretrainRun run = run_with({{{"step", 0}, {"health_rank_me", 9.5}, {"health_lidar", 7}},
                                    {{"step", 20},
                                     {"loss", 1.4},
                                     {"health_rank_me", 12},
                                     {"health_lidar", 8},
                                     {"health_rank_bound", 512}}});
  Headings headings;
  const std::string page = pretrain_section({run}, headings);
  EXPECT_NE(page.find("Rank of the features"), std::string::npos);
  EXPECT_NE(page.find("health_lidar"), std::string::npos);
  EXPECT_EQ(page.find("health_rank_bound"), std::string::npos);
  EXPECT_EQ(page.find("Alignment"), std::string::npos);
}

TEST(Health, AnAccuracyThatHasAnIntervalIsDrawnWithIt) {
  const auto page = [](bool interval) {
    Json row = {{"step", 20}, {"loss", 1.4}, {"probe_accuracy", 0.5}};
    if (interval) row.update({{"probe_accuracy_low", 0.4}, {"probe_accuracy_high", 0.6}});
    Headings headings;
    return pretrain_section({run_with({row})}, headings);
  };
  EXPECT_NE(page(true).find("Bars: intervals"), std::string::npos);
  EXPECT_EQ(page(false).find("Bars: intervals"), std::string::npos);
  EXPECT_EQ(page(true).find("probe_accuracy_low"), std::string::npos);
}

}  // namespace
}  // namespace espalier::report
