#include "report/evidence.h"

#include <fmt/format.h>

#include <cmath>

#include "core/error.h"
#include "report/numbers.h"
#include "statistics/choice.h"
#include "statistics/effects.h"
#include "statistics/predictions.h"
#include "statistics/significance.h"

namespace espalier::report {
namespace {

using statistics::Choice;
using statistics::ClassScores;
using statistics::Predictions;

std::string kept_text(const TransferRun& run, int64_t cut) {
  return cut > 0 ? fmt::format("{} {}", cut, run.stages[static_cast<size_t>(cut - 1)])
                 : "0 (nothing)";
}

std::string ends_text(const statistics::Ends& ends) {
  return std::isnan(ends.low) ? "–" : fmt::format("{} to {}", points(ends.low), points(ends.high));
}

// Of one seed there is no interval; McNemar's test compares the two runs on their images.
std::string pair_text(const std::vector<statistics::Pair>& pairs) {
  if (pairs.size() > 1) return ends_text(statistics::two_way_bootstrap(pairs));
  if (pairs.empty()) return "–";
  int64_t only_first = 0, only_second = 0;
  for (size_t i = 0; i < pairs[0].first.size(); ++i) {
    only_first += pairs[0].first[i] && !pairs[0].second[i];
    only_second += !pairs[0].first[i] && pairs[0].second[i];
  }
  return "McNemar p " + p_text(statistics::mcnemar_p(only_first, only_second));
}

void add_scores(Table& table, const TransferRun& run, const Predictions& predictions,
                const Row& best, const Row& scratch) {
  const ClassScores ours = statistics::mean_scores(run.cells, best, predictions);
  const ClassScores base = statistics::mean_scores(run.cells, scratch, predictions);
  if (ours.by_class.empty() || base.by_class.empty()) return;
  const std::string budget = budget_number(best.labels_per_class);
  const std::string arm = run.name_of(best.line) + ", " + kept_text(run, best.cut);
  const auto add = [&](const std::string& score, double a, double b, const std::string& interval) {
    table.rows.push_back({{budget, arm, score, percent(a), percent(b), points(a - b), interval}});
  };
  add("accuracy", ours.accuracy, base.accuracy,
      pair_text(statistics::pairs_with_scratch(run.cells, best, predictions)));
  add("balanced accuracy", ours.balanced_accuracy, base.balanced_accuracy, "–");
  add("macro F1", ours.macro_f1, base.macro_f1, "–");
}

}  // namespace

Table effect_table(const TransferRun& run) {
  Table table{{{"Labels per class", true},
               {"Effect"},
               {"Of"},
               {"Kept up to"},
               {"Points", true},
               {"Pairs", true},
               {"p", true},
               {"Holm p", true}},
              {}};
  for (const statistics::Effect& effect : statistics::effects(run.cells, run.rows))
    table.rows.push_back(
        {{budget_number(effect.labels_per_class), effect.name, run.name_of(effect.line),
          kept_text(run, effect.cut), points(effect.difference.interval),
          std::to_string(effect.difference.interval.n), p_text(effect.difference.p),
          p_text(effect.holm_p)}});
  return table;
}

Table choice_table(const TransferRun& run) {
  Table table{{{"Labels per class", true},
               {"Mode"},
               {"Kept up to"},
               {"Accuracy", true},
               {"As good as the best"},
               {"Best in resamples", true}},
              {}};
  for (const int64_t budget : run.budgets()) {
    const Choice choice = statistics::choose(run.cells, run.rows, budget);
    for (size_t i = 0; i < choice.candidates.size(); ++i) {
      const auto& [row, as_good, frequency] = choice.candidates[i];
      table.rows.push_back({{budget_number(budget), run.name_of(row.line), kept_text(run, row.cut),
                             percent(row.accuracy), as_good ? "yes" : "no", percent(frequency)},
                            i == choice.best});
    }
  }
  return table;
}

Table prediction_table(const TransferRun& run) {
  Table table{{{"Labels per class", true},
               {"Best arm"},
               {"Score"},
               {"Best arm, %", true},
               {"Scratch, %", true},
               {"Points", true},
               {"Interval over seeds and images", true}},
              {}};
  try {
    const Predictions predictions(run.path, static_cast<int64_t>(run.classes.size()));
    if (predictions.labels().empty()) return table;
    for (const int64_t budget : run.budgets()) {
      const Row* best = statistics::best_row(run.rows, budget, /*least_n=*/1);
      const Row* scratch = run.scratch(budget);
      if (best && scratch) add_scores(table, run, predictions, *best, *scratch);
    }
  } catch (const Error& error) {
    table.rows.push_back({std::vector<std::string>(table.columns.size(), "–")});
    table.rows.back().cells[1] = error.what();
  }
  return table;
}

}  // namespace espalier::report
