// The sweep on the page: accuracy and gain over the cut, the table, practice, holes, cost.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/clock.h"
#include "report/html.h"
#include "report/numbers.h"
#include "report/practice.h"
#include "report/sections.h"
#include "report/svg.h"

namespace espalier::report {
namespace {

int slot_of(const std::vector<std::string>& modes, size_t mode) {
  return is_control(modes[mode]) ? 0 : static_cast<int>(mode) % 6 + 1;
}

// Modes stand side by side at a cut, so that no interval hides another.
double beside(size_t mode, size_t modes) {
  return 0.16 * (static_cast<double>(mode) - static_cast<double>(modes - 1) / 2);
}

std::vector<std::string> cut_names(const TransferRun& run) {
  std::vector<std::string> names;
  for (int64_t cut = 1; cut <= run.last_cut(); ++cut)
    names.push_back(fmt::format("{} {}", cut, run.stages[static_cast<size_t>(cut - 1)]));
  return names;
}

// A mode's dots and holes at one cut. `base` is subtracted where it has the seed; without, the dot
// is left out.
void add_cells(const TransferRun& run, int64_t budget, const std::string& mode, int64_t cut,
               double x, const std::map<int64_t, double>* base, Series& series) {
  for (const Cell& cell : run.cells) {
    if (cell.labels_per_class != budget || cell.mode != mode || cell.cut != cut) continue;
    const double aside = x + 0.045;  // dots stand beside the interval
    const std::string where = fmt::format("{}, cut {}, seed {}", mode, cut, cell.seed);
    if (!cell.done()) {
      series.holes.push_back({x, 0, kUnknown, where + ": " + cell.status});
    } else if (!base) {
      series.dots.push_back(
          {aside, cell.accuracy, kUnknown, where + ": " + percent(cell.accuracy)});
    } else if (const auto pair = base->find(cell.seed); pair != base->end()) {
      const double gain = cell.accuracy - pair->second;
      series.dots.push_back({aside, gain, kUnknown, where + ": " + points(gain) + " points"});
    }
  }
}

std::vector<Series> mode_series(const TransferRun& run, int64_t budget, bool gain) {
  const auto modes = run.modes();
  const auto scratch = run.by_seed(budget, "scratch", 0);
  std::vector<Series> list;
  for (size_t i = 0; i < modes.size(); ++i) {
    if (gain && is_control(modes[i])) continue;  // far below, they would flatten the rest
    Series series{.name = modes[i], .slot = slot_of(modes, i)};
    for (int64_t cut = 1; cut <= run.last_cut(); ++cut) {
      const double x = static_cast<double>(cut - 1) + beside(i, modes.size());
      add_cells(run, budget, modes[i], cut, x, gain ? &scratch : nullptr, series);
      const Row* row = run.find(budget, modes[i], cut);
      if (!row) continue;
      const Interval& value = gain ? row->difference : row->accuracy;
      const std::string text = gain ? points(value) + " points" : percent(value);
      series.points.push_back(
          {x, value.mean, value.half_width, fmt::format("{}, cut {}: {}", modes[i], cut, text)});
    }
    list.push_back(std::move(series));
  }
  return list;
}

std::string accuracy_figure(const TransferRun& run, int64_t budget) {
  Chart chart{.title = "Test accuracy over the cut, " + budget_text(budget),
              .x = {.label = "stages kept", .categories = cut_names(run)},
              .y = {.label = "test accuracy, %", .scale = 100}};
  chart.series = mode_series(run, budget, false);
  if (const Row* scratch = run.scratch(budget))
    chart.levels.push_back({"scratch", scratch->accuracy.mean, scratch->accuracy.half_width});
  return figure("Test accuracy, " + budget_text(budget), svg(chart),
                "Mean over seeds with its 95 % interval; small dots are single seeds, crosses "
                "cells without a result. Dashed, with band: training from scratch.");
}

std::string gain_figure(const TransferRun& run, int64_t budget) {
  Chart chart{.title = "Gain over scratch by cut, " + budget_text(budget),
              .x = {.label = "stages kept", .categories = cut_names(run)},
              .y = {.label = "gain over scratch, points", .scale = 100, .signs = true}};
  chart.series = mode_series(run, budget, true);
  chart.levels.push_back({"scratch", 0});
  return figure("Gain over scratch, " + budget_text(budget), svg(chart),
                "Accuracy minus that of scratch with the same seed. Above 0 the cut pays; an "
                "interval across 0 decides nothing.");
}

std::string practice_table(const TransferRun& run, const std::vector<TransferRun>& all) {
  std::string out =
      "<div class=\"table practice\"><table><thead><tr><th>Statement</th><th>Here</th><th>What "
      "this sweep "
      "says</th></tr></thead><tbody>\n";
  for (const Statement& statement : statements(run, all)) {
    const std::string verdict = verdict_text(statement.verdict);
    out += fmt::format(
        "<tr><td>{}</td><td><span class=\"verdict {}\">{}</span></td><td>{}</td></tr>\n",
        escape(statement.claim), verdict.substr(0, verdict.find(' ')), verdict,
        escape(statement.evidence));
  }
  return out + "</tbody></table></div>\n";
}

std::string cost_figure(const TransferRun& run) {
  std::vector<std::string> modes = run.modes();
  std::vector<Bar> bars;
  const auto add = [&](const std::string& mode, int slot) {
    double seconds = 0;
    int64_t cells = 0;
    for (const Cell& cell : run.cells)
      if (cell.mode == mode && !std::isnan(cell.seconds)) seconds += cell.seconds, ++cells;
    if (cells > 0)
      bars.push_back({mode, seconds,
                      fmt::format("{}, {} a cell", duration_text(seconds),
                                  seconds < 60 * static_cast<double>(cells)
                                      ? fmt::format("{:.1f}s", seconds / static_cast<double>(cells))
                                      : duration_text(seconds / static_cast<double>(cells))),
                      slot});
  };
  add("scratch", 0);
  for (size_t i = 0; i < modes.size(); ++i) add(modes[i], slot_of(modes, i));
  if (bars.empty()) return "";
  return "<div class=\"grid\">" +
         figure("Cost of the sweep", svg_bars("Seconds by mode", bars),
                "Time inside the cells, summed by mode, and the mean of one cell.") +
         "</div>\n";
}

std::string holes_table(const TransferRun& run) {
  if (run.holes() == 0) return "";
  Table table{
      {{"Cell"}, {"Status"}, {"Mode"}, {"Cut", true}, {"Labels per class", true}, {"Seed", true}},
      {}};
  for (const Cell& cell : run.cells)
    if (!cell.done())
      table.rows.push_back({{cell.id, cell.status, cell.mode, std::to_string(cell.cut),
                             cell.labels_per_class ? with_commas(cell.labels_per_class) : "all",
                             std::to_string(cell.seed)}});
  return fmt::format("<details><summary>{} without a result</summary>{}</details>\n",
                     counted(run.holes(), "cell"), to_html(table));
}

}  // namespace

Table summary_table(const TransferRun& run) {
  Table table{{{"Labels per class", true},
               {"Mode"},
               {"Kept up to"},
               {"Seeds", true},
               {"Accuracy", true},
               {"Gain, points", true},
               {"p", true},
               {"Holm p", true}},
              {}};
  for (const int64_t budget : run.budgets())
    for (const Row& row : run.rows) {
      if (row.labels_per_class != budget) continue;
      table.rows.push_back({{budget ? with_commas(budget) : "all", row.mode,
                             row.cut ? fmt::format("{} {}", row.cut, row.stage) : "nothing",
                             std::to_string(row.accuracy.n), percent(row.accuracy),
                             points(row.difference), p_text(row.p), p_text(row.holm_p)},
                            &row == run.best(budget)});
    }
  return table;
}

std::string transfer_section(const TransferRun& run, const std::vector<TransferRun>& all) {
  std::string out = "<h2>Transfer: " + escape(run.name) + "</h2>\n";
  std::string about =
      fmt::format("{}, {} tried", counted(static_cast<int64_t>(run.cells.size()), "cell"),
                  counted(run.last_cut(), "cut"));
  if (!run.classes.empty()) about += fmt::format(", {} classes", run.classes.size());
  if (!std::isnan(run.chance)) about += fmt::format(", chance is {}", percent(run.chance));
  out += paragraph(about + ". Test images are read once a cell, after its training.", "lead");
  for (const int64_t budget : run.budgets())
    out += "<div class=\"grid\">" + accuracy_figure(run, budget) + gain_figure(run, budget) +
           "</div>\n";
  out += "<h2>Four statements of practice</h2>\n" + practice_table(run, all);
  out += paragraph(
      "Supported or contradicted: the 95 % interval over seeds leaves out 0 in at least one label "
      "budget and in none the other way.",
      "lead");
  out += "<h2>All cuts</h2>\n" + to_html(summary_table(run));
  out += paragraph(
      "Mean ± half width of the 95 % Student interval over seeds. Gain: paired with scratch by "
      "seed. "
      "Holm p: corrected for all comparisons of one label budget. Marked: the highest accuracy.",
      "lead");
  return out + holes_table(run) + cost_figure(run);
}

}  // namespace espalier::report
