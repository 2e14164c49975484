// How cells learn: loss of the training images and accuracy on those held out, over steps.
#include <fmt/format.h>

#include <algorithm>
#include <map>

#include "core/error.h"
#include "report/figures/figures.h"
#include "report/history.h"
#include "report/numbers.h"

namespace espalier::report {
namespace {

// A scalar of one cell, faint; the mean over the cells of its arm at each step, strong.
void add_arm(const std::vector<std::vector<Scalar>>& cells, const std::string& scalar,
             const std::string& name, int slot, Chart& chart) {
  std::map<double, std::vector<double>> by_step;
  for (const auto& scalars : cells)
    for (const Scalar& one : scalars) {
      if (one.name != scalar) continue;
      Series run{.slot = slot, .markers = false, .faint = true};
      for (size_t i = 0; i < one.steps.size(); ++i) {
        run.points.push_back({one.steps[i], one.values[i]});
        by_step[one.steps[i]].push_back(one.values[i]);
      }
      chart.series.push_back(std::move(run));
    }
  Series mean{.name = name, .slot = slot, .markers = by_step.size() <= 12};
  for (const auto& [step, values] : by_step)
    mean.points.push_back(
        {step, statistics::mean(values), kUnknown,
         fmt::format("{}, step {:g}: {}", name, step, compact(statistics::mean(values)))});
  if (!mean.points.empty()) chart.series.push_back(std::move(mean));
}

struct Shown {
  const Row* row;
  std::string name;
  int slot;
};

std::vector<Shown> shown_arms(const Look& look, int64_t budget) {
  const TransferRun& run = look.run();
  std::vector<Shown> arms;
  if (const Row* row = run.scratch(budget)) arms.push_back({row, "scratch", -1});
  const Row* best = run.best(budget);
  if (best)
    arms.push_back({best, fmt::format("best: cut {}, {}", best->cut, look.name(best->line)),
                    look.slot(best->line)});
  for (const Line& line : run.lines()) {
    const Row* last = run.find(budget, line, run.last_cut());
    if (line.control || !last || last == best) continue;
    // Another look than that of the best, though both may be of one mode.
    const int slot = look.slot(line) + (best && best->line.mode == line.mode ? 5 : 0);
    arms.push_back({last, fmt::format("last cut: {}, {}", last->cut, look.name(line)), slot});
    break;
  }
  return arms;
}

// Of the cells that have one.
std::vector<std::vector<Scalar>> curves_of(const TransferRun& run, const Row& row) {
  std::vector<std::vector<Scalar>> curves;
  for (const Cell& cell : run.cells) {
    if (cell.id.empty() || cell.cut != row.cut || cell.labels_per_class != row.labels_per_class ||
        !cell.is_of(row.line))
      continue;
    try {
      curves.push_back(read_history(run.path / "cells" / cell.id).scalars);
    } catch (const Error&) {  // it waits, learns without steps, or the file is damaged
    }
  }
  return curves;
}

}  // namespace

std::vector<Figure> curve_figures(const Look& look) {
  std::vector<Figure> figures;
  for (const int64_t budget : look.run().budgets()) {
    Chart loss{.y = {.label = "training loss"}, .height = 190};
    Chart accuracy{.x = {.label = "step"},
                   .y = {.label = "validation, %", .scale = 100, .least = 0.05},
                   .height = 220};
    for (const Shown& arm : shown_arms(look, budget)) {
      const auto curves = curves_of(look.run(), *arm.row);
      add_arm(curves, "loss", arm.name, arm.slot, loss);
      add_arm(curves, "validation_accuracy", "", arm.slot, accuracy);
    }
    if (loss.series.empty()) continue;
    std::vector<Chart> charts = {loss};
    if (!accuracy.series.empty()) charts.push_back(accuracy);
    const std::string heading = "Learning curves, " + budget_text(budget);
    const std::string text =
        "Faint: single runs; strong: their mean at each step. Above, loss of the training images; "
        "below, accuracy on training images that were held out, where there were some.";
    figures.push_back({heading, svg_stack(heading, text, charts), text});
  }
  return figures;
}

}  // namespace espalier::report
