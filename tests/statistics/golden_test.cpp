// The same numbers as SciPy, statsmodels and scikit-learn (tests/golden/make_statistics.py). Both
// sides compute in f64; 1e-10 leaves room for another order of summing and another continued
// fraction.
#include <gmock/gmock.h>

#include "statistics/bootstrap.h"
#include "statistics/scores.h"
#include "statistics/significance.h"
#include "support/golden_case.h"

namespace espalier::statistics {
namespace {

constexpr double kTolerance = 1e-10;
using Numbers = std::vector<double>;

nlohmann::json known(const std::string& name) { return golden("statistics.jsonl", name); }

BySeed by_seed(const Numbers& values, const std::vector<int64_t>& clusters = {}) {
  BySeed result;
  for (size_t i = 0; i < values.size(); ++i)
    result[static_cast<int64_t>(i)] = {values[i],
                                       clusters.empty() ? Value::kNoCluster : clusters[i]};
  return result;
}

void expect_ends(const Interval& interval, const nlohmann::json& ends) {
  EXPECT_NEAR(interval.mean - interval.half_width, ends[0].get<double>(), kTolerance);
  EXPECT_NEAR(interval.mean + interval.half_width, ends[1].get<double>(), kTolerance);
}

TEST(Golden, QuantilesAndTailsOfStudentsDistribution) {
  const auto quantiles = known("quantiles");
  for (size_t i = 0; i < quantiles["t"].size(); ++i) {
    const auto at = quantiles["probability_degrees"][i].get<Numbers>();
    const double expected = quantiles["t"][i];
    EXPECT_NEAR(student_t_quantile(at[0], at[1]), expected, kTolerance * (1 + std::abs(expected)))
        << at[0] << " with " << at[1] << " degrees";
  }
  const auto tails = known("upper tails");
  for (size_t i = 0; i < tails["p"].size(); ++i) {
    const auto at = tails["t_degrees"][i].get<Numbers>();
    EXPECT_NEAR(student_t_upper_p(at[0], at[1]), tails["p"][i].get<double>(), kTolerance);
  }
}

TEST(Golden, IntervalsAndTestsOfDifferences) {
  for (const int n : {2, 3, 5, 9, 12}) {
    const auto sample = known("sample of " + std::to_string(n));
    const auto values = sample["values"].get<Numbers>();
    const Estimate mean = estimate(by_seed(values));
    expect_ends(mean.interval, sample["ends"]);
    const std::vector<int64_t> one_backbone(values.size(), 0);
    expect_ends(estimate(by_seed(values, one_backbone)).interval, sample["ends"]);
    expect_ends(estimate_of_another(by_seed(values, one_backbone)).interval, sample["next_ends"]);
    EXPECT_NEAR(mean.p, sample["p"].get<double>(), kTolerance);
    EXPECT_NEAR(p_above(mean, 0.01), sample["above_1_point"].get<double>(), kTolerance);
    EXPECT_NEAR(p_below(mean, 0.01), sample["below_1_point"].get<double>(), kTolerance);
    EXPECT_NEAR(equivalence_p(mean, 0.02), sample["within_2_points"].get<double>(), kTolerance);
    EXPECT_NEAR(sign_flip_p(values), sample["sign_flip"].get<double>(), kTolerance);
  }
  const auto ties = known("ties");
  EXPECT_NEAR(sign_flip_p(ties["values"].get<Numbers>()), ties["sign_flip"].get<double>(),
              kTolerance);
}

TEST(Golden, BackbonesAreTheUnitWhereThereAreSeveral) {
  const auto clusters = known("clusters");
  const Estimate mean = estimate(
      by_seed(clusters["values"].get<Numbers>(), clusters["clusters"].get<std::vector<int64_t>>()));
  expect_ends(mean.interval, clusters["ends"]);
  EXPECT_NEAR(mean.p, clusters["p"].get<double>(), kTolerance);
  EXPECT_EQ(mean.clusters, 3);
  EXPECT_EQ(mean.interval.n, 12);
}

TEST(Golden, CorrectionsAndExactTests) {
  const auto holm_case = known("holm");
  const auto adjusted = holm(holm_case["p"].get<Numbers>());
  for (size_t i = 0; i < adjusted.size(); ++i)
    EXPECT_NEAR(adjusted[i], holm_case["adjusted"][i].get<double>(), kTolerance);
  const auto tables = known("mcnemar");
  for (size_t i = 0; i < tables["p"].size(); ++i) {
    const auto only = tables["only_one_right"][i].get<std::vector<int64_t>>();
    EXPECT_NEAR(mcnemar_p(only[0], only[1]), tables["p"][i].get<double>(), kTolerance);
  }
}

TEST(Golden, PercentilesOfResamples) {
  const auto percentiles = known("percentiles");
  const Ends ends = percentile_ends(percentiles["values"].get<Numbers>());
  EXPECT_NEAR(ends.low, percentiles["ends"][0].get<double>(), kTolerance);
  EXPECT_NEAR(ends.high, percentiles["ends"][1].get<double>(), kTolerance);
}

TEST(Golden, ScoresOfPredictions) {
  const auto classes = known("classes");
  const ClassScores scores = class_scores(classes["predictions"].get<std::vector<int64_t>>(),
                                          classes["labels"].get<std::vector<int64_t>>(), 5);
  EXPECT_NEAR(scores.accuracy, classes["accuracy"].get<double>(), kTolerance);
  EXPECT_NEAR(scores.balanced_accuracy, classes["balanced_accuracy"].get<double>(), kTolerance);
  EXPECT_NEAR(scores.macro_f1, classes["macro_f1"].get<double>(), kTolerance);
  for (size_t c = 0; c < 5; ++c)
    EXPECT_NEAR(scores.by_class[c], classes["by_class"][c].get<double>(), kTolerance);
  const auto curve = known("auroc");
  EXPECT_NEAR(auroc(curve["scores"].get<Numbers>(), curve["positive"].get<std::vector<bool>>()),
              curve["auroc"].get<double>(), kTolerance);
  const auto calibration = known("calibration");
  EXPECT_NEAR(calibration_error(calibration["confidence"].get<Numbers>(),
                                calibration["right"].get<std::vector<bool>>()),
              calibration["error"].get<double>(), kTolerance);
}

}  // namespace
}  // namespace espalier::statistics
