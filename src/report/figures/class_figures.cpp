// Confusions of the best arm, from its stored predictions.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "report/drawing/bars.h"
#include "report/drawing/heat_table.h"
#include "report/figures/figures.h"
#include "report/numbers.h"
#include "statistics/predictions.h"

namespace espalier::report {
namespace {

constexpr size_t kMostClasses = 25;  // of a table that one can still read

// Of all seeds of an arm, one after the other.
struct Answers {
  std::vector<int64_t> predictions, labels;
  int64_t runs = 0;
};

Answers answers_of(const TransferRun& run, const Row& row,
                   const statistics::Predictions& predictions) {
  Answers answers;
  const auto append = [](std::vector<int64_t>& all, const std::vector<int64_t>& more) {
    all.insert(all.end(), more.begin(), more.end());
  };
  for (const Cell& cell : run.cells) {
    if (!cell.done() || cell.cut != row.cut || cell.labels_per_class != row.labels_per_class ||
        !cell.is_of(row.line))
      continue;
    const auto classes = predictions.of(cell.id);
    if (!classes) continue;
    append(answers.predictions, *classes);
    append(answers.labels, predictions.labels());
    ++answers.runs;
  }
  return answers;
}

// Row: the true class; column: what it is taken for.
std::vector<std::vector<double>> shares(const Answers& answers, size_t classes) {
  std::vector<std::vector<double>> shares(classes, std::vector<double>(classes, 0));
  for (size_t i = 0; i < answers.labels.size(); ++i)
    ++shares[static_cast<size_t>(answers.labels[i])][static_cast<size_t>(answers.predictions[i])];
  for (auto& row : shares) {
    const double sum = std::accumulate(row.begin(), row.end(), 0.0);
    for (double& share : row) share = sum > 0 ? share / sum : kUnknown;
  }
  return shares;
}

std::string share_text(double share) {
  return std::isnan(share) ? "–" : fmt::format("{:.0f}", 100 * share);
}

std::string matrix(const TransferRun& run, const std::vector<std::vector<double>>& shares) {
  HeatTable table{.caption = "Per cent of each true class (row) by predicted class (column)",
                  .corner = "true \\ predicted",
                  .columns = run.classes};
  for (size_t i = 0; i < shares.size(); ++i) {
    HeatTable::HeatRow row{.name = run.classes[i]};
    for (size_t j = 0; j < shares.size(); ++j) {
      // Right answers blue, wrong ones orange; a wrong share of a half has the full colour.
      const double shade = i == j ? shares[i][j] : -2 * shares[i][j];
      row.cells.push_back({share_text(shares[i][j]), shade, false,
                           fmt::format("{} taken for {}: {}", run.classes[i], run.classes[j],
                                       percent(shares[i][j]))});
    }
    table.rows.push_back(std::move(row));
  }
  return to_html(table);
}

// The most frequent mistakes, where the matrix would be too large.
std::string mistakes(const TransferRun& run, const std::vector<std::vector<double>>& shares) {
  struct Mistake {
    double share;
    size_t is, taken;
  };
  std::vector<Mistake> all;
  for (size_t i = 0; i < shares.size(); ++i)
    for (size_t j = 0; j < shares.size(); ++j)
      if (i != j && shares[i][j] > 0) all.push_back({shares[i][j], i, j});
  std::ranges::stable_sort(all, std::greater{}, &Mistake::share);
  all.resize(std::min<size_t>(all.size(), 20));
  Table table{{{"True class"}, {"Taken for"}, {"Share of its images", true}}, {}};
  for (const Mistake& one : all)
    table.rows.push_back({{run.classes[one.is], run.classes[one.taken], percent(one.share)}});
  return to_html(table);
}

Figure accuracy_figure(const TransferRun& run, const Answers& answers, const std::string& of,
                       int slot) {
  const auto classes = static_cast<int64_t>(run.classes.size());
  const auto scores = statistics::class_scores(answers.predictions, answers.labels, classes);
  std::vector<size_t> order(run.classes.size());
  std::iota(order.begin(), order.end(), 0);
  std::ranges::stable_sort(order, std::greater{}, [&](size_t i) {
    return std::isnan(scores.by_class[i]) ? -1 : scores.by_class[i];
  });
  std::vector<Bar> bars;
  Table table{{{"Class"}, {"Accuracy", true}}, {}};
  for (size_t place = 0; place < order.size(); ++place) {
    const double share = scores.by_class[order[place]];
    table.rows.push_back({{run.classes[order[place]], percent(share)}});
    const bool drawn = order.size() <= kMostClasses || place < 10 || place + 10 >= order.size();
    if (drawn && !std::isnan(share))
      bars.push_back({run.classes[order[place]], share, percent(share), slot});
  }
  const std::string heading = "Accuracy of each class, " + of;
  return {heading, svg_bars(heading, bars, 1),
          fmt::format("Share of a class's test images that are right, mean of {}. Balanced "
                      "accuracy {}, macro F1 {}.{}",
                      counted(answers.runs, "seed"), percent(scores.balanced_accuracy),
                      percent(scores.macro_f1),
                      order.size() > kMostClasses ? " The ten best and the ten worst." : ""),
          to_html(table)};
}

}  // namespace

std::vector<Figure> class_figures(const Look& look) {
  const TransferRun& run = look.run();
  std::vector<Figure> figures;
  const statistics::Predictions predictions(run.path, static_cast<int64_t>(run.classes.size()));
  for (const int64_t budget : run.budgets()) {
    const Row* best = run.best(budget);
    if (!best) continue;
    const Answers answers = answers_of(run, *best, predictions);
    if (answers.runs == 0) continue;
    const std::string of = fmt::format("{} {}, {}, {}", best->cut, best->stage,
                                       look.name(best->line), budget_text(budget));
    const auto share = shares(answers, run.classes.size());
    if (run.classes.size() <= kMostClasses)
      figures.push_back({"Confusions, " + of, matrix(run, share),
                         fmt::format("Per cent of the test images of each true class, by what the "
                                     "best arm takes them for, over {}. Blue: right; orange: "
                                     "wrong.",
                                     counted(answers.runs, "seed")),
                         "", run.classes.size() > 12});
    else
      figures.push_back({"Most frequent confusions, " + of, mistakes(run, share),
                         fmt::format("Over {} of the best arm.", counted(answers.runs, "seed"))});
    figures.push_back(accuracy_figure(run, answers, of, look.slot(best->line)));
  }
  return figures;
}

}  // namespace espalier::report
