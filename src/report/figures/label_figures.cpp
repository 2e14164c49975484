// What labels are worth: accuracy over labels per class.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <optional>

#include "report/figures/figures.h"
#include "report/numbers.h"
#include "statistics/choice.h"

namespace espalier::report {
namespace {

void add_point(const Look& look, const Row* row, const std::string& text, Series& series) {
  if (!row) return;
  series.points.push_back(
      {look.budget_at(row->labels_per_class), row->accuracy.mean, row->accuracy.half_width,
       fmt::format("{}, {}: {} (n {})", text, budget_text(row->labels_per_class),
                   percent(row->accuracy), row->accuracy.n)});
}

std::string arm_text(const Look& look, const Row& row) {
  return fmt::format("{} {}, {}", row.cut, row.stage, look.name(row.line));
}

// One arm at every budget, so that a curve does not change what it shows on its way.
Series arm_series(const Look& look, const Row& arm, const std::string& name, int slot) {
  Series series{.name = name, .slot = slot, .band = true};
  for (const int64_t budget : look.run().budgets())
    add_point(look, look.run().find(budget, arm.line, arm.cut), name, series);
  return series;
}

// The best arm of each budget: another one at each, perhaps.
Series best_series(const Look& look) {
  Series series{.name = "best arm of each budget", .slot = 0, .band = true};
  for (const int64_t budget : look.run().budgets())
    if (const Row* best = look.run().best(budget))
      add_point(look, best, arm_text(look, *best), series);
  return series;
}

Series scratch_series(const Look& look) {
  Series series{.name = "scratch", .slot = -1, .band = true};
  for (const int64_t budget : look.run().budgets())
    add_point(look, look.run().scratch(budget), "scratch", series);
  return series;
}

// The arm of the smallest cut that is as good as the best with the fewest labels.
std::optional<Row> chosen(const TransferRun& run) {
  for (const int64_t budget : run.budgets()) {
    const statistics::Choice choice = statistics::choose(run.cells, run.rows, budget);
    if (!choice.candidates.empty()) return choice.smallest_row();
  }
  return std::nullopt;
}

void add_worth(const Look& look, const Row& arm, Chart& chart) {
  const TransferRun& run = look.run();
  const double saving =
      statistics::labels_of_scratch(run.cells, arm.line, arm.cut, arm.labels_per_class);
  if (!std::isnan(saving))
    chart.spans.push_back(
        {std::log10(saving), arm.accuracy.mean, look.budget_at(arm.labels_per_class),
         arm.accuracy.mean,
         fmt::format("reached by scratch with {} labels per class", compact(saving))});
  const statistics::Crossover cross = statistics::crossover(run.cells, arm.line, arm.cut);
  if (std::isnan(cross.labels)) return;
  // Between the budgets beside it, along scratch.
  const double at = std::log10(cross.labels);
  const auto& points = chart.series.front().points;
  for (size_t i = 1; i < points.size(); ++i) {
    const Point &a = points[i - 1], &b = points[i];
    if (at < a.x || at > b.x) continue;
    const double y = a.y + (b.y - a.y) * (at - a.x) / (b.x - a.x);
    chart.spans.push_back(
        {at, y, at, y,
         fmt::format(
             "no longer above scratch from {} labels per class{}", compact(cross.labels),
             std::isnan(cross.ends.low)
                 ? ""
                 : fmt::format(" ({} to {})", compact(cross.ends.low), compact(cross.ends.high)))});
    return;
  }
}

// Scratch, the best arm and the one drawn throughout, at each budget.
std::string numbers(const Look& look, const std::optional<Row>& arm) {
  const TransferRun& run = look.run();
  std::vector<const Row*> rows;
  const auto add = [&](const Row* row) {
    if (row && std::ranges::find(rows, row) == rows.end()) rows.push_back(row);
  };
  for (const int64_t budget : run.budgets()) {
    add(run.scratch(budget));
    add(run.best(budget));
    if (arm) add(run.find(budget, arm->line, arm->cut));
  }
  return to_html(rows_table(look, rows));
}

}  // namespace

std::vector<Figure> label_figures(const Look& look) {
  const TransferRun& run = look.run();
  if (run.budgets().size() < 2) return {};
  Chart chart{.title = "Accuracy over labels per class",
              .x = {.label = "labels per class", .ticks = look.budget_ticks()},
              .y = {.label = "accuracy, %", .scale = 100, .least = 0.05}};
  chart.series = {scratch_series(look)};
  std::string text = "Means over seeds with 95 % bands; the scale of labels is logarithmic.";
  if (Series best = best_series(look); !best.points.empty()) {
    chart.series.push_back(std::move(best));
    text += " The best arm is selected by the test set at each budget: its curve is optimistic.";
  }
  const auto arm = chosen(run);
  if (arm) {
    chart.series.push_back(arm_series(look, *arm, arm_text(look, *arm), look.slot(arm->line)));
    text +=
        " The other is the arm of fewest stages that, with the fewest labels, is not shown to "
        "be below the best.";
    add_worth(look, *arm, chart);
  }
  if (run.budgets().back() == 0) text += " All labels stand beside the end of the scale.";
  chart.description = text;
  return {{chart.title, svg(chart), text, numbers(look, arm)}};
}

}  // namespace espalier::report
