// Can the backbone be told from an untrained one? See verdicts.h.
//
// An arm and its control may have chosen different rates or steps, each once for all its seeds by a
// noisy validation. The luck of that choice is the same at every seed and backbone, so no spread over
// them holds it. It differs from cut to cut, as each arm chooses for itself: half the mean square of
// the steps between neighbouring cuts estimates its variance, and what truly changes from cut to cut
// only makes it larger (von Neumann 1941). It is added to the square of the error.
#include <cmath>

#include "statistics/verdict_arms.h"

namespace espalier::statistics {
namespace {

struct Question {
  const char* what;
  int64_t budget;
  std::vector<Contrast> at;  // each cut that has one
};

struct Luck {
  double variance = 0, degrees = 0;  // of one difference
};

Luck luck_of(const std::vector<Question>& questions, const std::string& what) {
  Luck luck;
  for (const Question& question : questions)
    for (size_t i = 1; question.what == what && i < question.at.size(); ++i) {
      const double step =
          mean(unit_values(question.at[i].values)) - mean(unit_values(question.at[i - 1].values));
      luck.variance += step * step / 2;
      ++luck.degrees;
    }
  luck.variance /= luck.degrees;
  return luck;
}

// How many times the variance of one difference is in the mean over cuts: scratch is the control of
// all of them, and brings its half whole.
double weight_of(const std::vector<Contrast>& at) {
  double scratch = 0;
  for (const Contrast& one : at) scratch += one.scratch;
  const double cuts = static_cast<double>(at.size()), share = scratch / cuts;
  return 1 / cuts + share * share / 2;
}

Estimate with(Estimate mean, const Luck& luck, double weight) {
  const double seeds = mean.error * mean.error, settings = weight * luck.variance;
  if (settings == 0) return mean;
  if (luck.degrees == 0) return {{mean.interval.mean, kUnknown, mean.interval.n}};  // one cut
  mean.error = std::sqrt(seeds + settings);
  // Satterthwaite's degrees of freedom of a sum of variances.
  mean.degrees = (seeds + settings) * (seeds + settings) /
                 (seeds * seeds / mean.degrees + settings * settings / luck.degrees);
  mean.interval.half_width = student_t_quantile(0.975, mean.degrees) * mean.error;
  mean.p = 2 * std::min(p_above(mean, 0), p_below(mean, 0));
  return mean;
}

}  // namespace

std::vector<Evidence> ask_gate(const VerdictArms& arms) {
  std::vector<Question> questions;
  for (const char* what : {"frozen", "tuned"})
    for (const int64_t budget : arms.budgets()) {
      Question question{what, budget, {}};
      for (const int64_t cut : arms.cuts()) {
        Contrast contrast = what == std::string("frozen")
                                ? arms.contribution(budget, cut)
                                : arms.tuned_gain_at_one_factor(budget, cut);
        if (!contrast.values.empty()) question.at.push_back(std::move(contrast));
      }
      questions.push_back(std::move(question));
    }
  std::vector<Evidence> evidence;
  for (const Question& question : questions) {
    std::vector<BySeed> values;
    bool lucky = false;
    for (const Contrast& one : question.at) {
      values.push_back(one.values);
      lucky = lucky || one.other_setting;
    }
    const BySeed over_cuts = mean_of(values);
    if (over_cuts.size() < 2) continue;
    Estimate mean = estimate_of_another(over_cuts);
    if (lucky) mean = with(mean, luck_of(questions, question.what), weight_of(question.at));
    evidence.push_back({question.what, question.budget, 0, mean});
  }
  return evidence;
}

}  // namespace espalier::statistics
