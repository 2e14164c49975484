// The sweep on the page: accuracy and gain over the cut, the table, practice, holes, cost.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "core/clock.h"
#include "report/evidence.h"
#include "report/html.h"
#include "report/numbers.h"
#include "report/sections.h"
#include "report/svg.h"
#include "report/verdict_text.h"

namespace espalier::report {
namespace {

int slot_of(const std::vector<Line>& lines, size_t line) {
  return lines[line].control ? 0 : static_cast<int>(line) % 6 + 1;
}

// Lines stand side by side at a cut, so that no interval hides another.
double beside(size_t line, size_t lines) {
  return 0.16 * (static_cast<double>(line) - static_cast<double>(lines - 1) / 2);
}

std::vector<std::string> cut_names(const TransferRun& run) {
  std::vector<std::string> names = {"0\nscratch"};
  for (int64_t cut = 1; cut <= run.last_cut(); ++cut)
    names.push_back(fmt::format("{}\n{}", cut, run.stages[static_cast<size_t>(cut - 1)]));
  return names;
}

// A line's dots and holes at one cut. `base` is subtracted where it has the seed; without, the dot
// is left out.
void add_cells(const TransferRun& run, int64_t budget, const Line& line, int64_t cut, double x,
               const BySeed* base, Series& series) {
  for (const Cell& cell : run.cells) {
    if (cell.labels_per_class != budget || cell.line() != line || cell.cut != cut) continue;
    const double aside = x + 0.045;  // dots stand beside the interval
    const std::string where = fmt::format("{}, cut {}, seed {}", run.name_of(line), cut, cell.seed);
    if (cell.waiting()) continue;
    if (!cell.done()) {
      series.holes.push_back({x, 0, kUnknown, where + ": " + cell.status});
    } else if (!base) {
      series.dots.push_back(
          {aside, cell.accuracy, kUnknown, where + ": " + percent(cell.accuracy)});
    } else if (const auto pair = base->find(cell.seed); pair != base->end()) {
      const double gain = cell.accuracy - pair->second.value;
      series.dots.push_back({aside, gain, kUnknown, where + ": " + points(gain) + " points"});
    }
  }
}

std::string tooltip_of(const TransferRun& run, const Row& row, bool gain) {
  const Interval& value = gain ? row.difference : row.accuracy;
  return fmt::format("{}, cut {}: {} (n {})", run.name_of(row.line), row.cut,
                     gain ? points(value) + " points" : percent(value), value.n);
}

// Scratch is the point of no stage kept.
Series scratch_series(const TransferRun& run, int64_t budget, bool gain) {
  Series series{.name = "scratch"};
  if (const Row* row = run.scratch(budget)) {
    add_cells(run, budget, row->line, 0, 0, nullptr, series);
    if (gain) series.dots.clear();  // each is its own reference
    const Interval value = gain ? Interval{0, kUnknown, row->accuracy.n} : row->accuracy;
    series.points.push_back({0, value.mean, value.half_width, tooltip_of(run, *row, false)});
  }
  return series;
}

std::vector<Series> mode_series(const TransferRun& run, int64_t budget, bool gain) {
  const auto lines = run.lines();
  const auto scratch = run.by_seed(budget, {}, 0);
  std::vector<Series> list;
  for (size_t i = 0; i < lines.size(); ++i) {
    if (gain && lines[i].control) continue;  // far below, they would flatten the rest
    Series series{.name = run.name_of(lines[i]), .slot = slot_of(lines, i)};
    for (int64_t cut = 1; cut <= run.last_cut(); ++cut) {
      const double x = static_cast<double>(cut) + beside(i, lines.size());
      add_cells(run, budget, lines[i], cut, x, gain ? &scratch : nullptr, series);
      const Row* row = run.find(budget, lines[i], cut);
      if (!row) continue;
      const Interval& value = gain ? row->difference : row->accuracy;
      series.points.push_back({x, value.mean, value.half_width, tooltip_of(run, *row, gain)});
    }
    list.push_back(std::move(series));
  }
  if (Series own = scratch_series(run, budget, gain); !own.points.empty() || !own.holes.empty())
    list.push_back(std::move(own));
  return list;
}

// Of what is drawn, and of nothing else.
std::string what_is_drawn(const std::vector<Series>& list) {
  bool intervals = false, holes = false;
  for (const Series& series : list) {
    for (const Point& point : series.points) intervals = intervals || !std::isnan(point.half_width);
    holes = holes || !series.holes.empty();
  }
  std::string text = intervals ? "Mean over seeds of this one backbone with its 95 % interval; "
                                 "small dots are single seeds"
                               : "Single seeds of this one backbone, without an interval";
  return text + (holes ? ", crosses cells without a result." : ".");
}

std::string accuracy_figure(const TransferRun& run, int64_t budget) {
  Chart chart{.title = "Test accuracy over the cut, " + budget_text(budget),
              .x = {.label = "stages kept", .categories = cut_names(run)},
              .y = {.label = "test accuracy, %", .scale = 100}};
  chart.series = mode_series(run, budget, false);
  std::string text = what_is_drawn(chart.series);
  if (const Row* scratch = run.scratch(budget)) {
    const Interval& level = scratch->accuracy;
    chart.levels.push_back({"", level.mean, level.half_width});
    text += std::isnan(level.half_width) ? " Dashed: training from scratch."
                                         : " Dashed, with band: training from scratch.";
  }
  return figure("Test accuracy, " + budget_text(budget), svg(chart), text);
}

// The lowest and highest gain that any gain chart of the page draws: they share one axis.
std::vector<double> gain_range(const std::vector<TransferRun>& all) {
  std::vector<double> range = {0, 0};
  const auto see = [&](double y) {
    if (!std::isfinite(y)) return;
    range = {std::min(range[0], y), std::max(range[1], y)};
  };
  for (const TransferRun& run : all)
    for (const int64_t budget : run.budgets())
      for (const Series& series : mode_series(run, budget, true)) {
        for (const Point& dot : series.dots) see(dot.y);
        for (const Point& point : series.points) {
          const double half = std::isnan(point.half_width) ? 0 : point.half_width;
          see(point.y - half);
          see(point.y + half);
        }
      }
  return range;
}

std::string gain_figure(const TransferRun& run, int64_t budget, const std::vector<double>& range) {
  Chart chart{.title = "Difference to scratch by cut, " + budget_text(budget),
              .x = {.label = "stages kept", .categories = cut_names(run)},
              .y = {.label = "minus scratch, points", .scale = 100, .signs = true, .holds = range}};
  chart.series = mode_series(run, budget, true);
  std::string text =
      "Accuracy minus that of scratch with the same seed. An interval across 0 leaves the sign "
      "open. All charts of this kind share one scale. ";
  if (run.scratch(budget)) {
    chart.levels.push_back({"", 0});
    text += "Dashed: scratch itself. ";
  }
  const auto lines = run.lines();
  if (std::ranges::any_of(lines, &Line::control)) text += "Random controls are not drawn here. ";
  return figure("Difference to scratch, " + budget_text(budget), svg(chart),
                text + what_is_drawn(chart.series));
}

// Tables that answer what a reader asks next; closed, and left out where they are empty.
std::string evidence_section(const TransferRun& run) {
  std::string out;
  const auto add = [&](const std::string& summary, const Table& table) {
    if (!table.rows.empty())
      out += "<details><summary>" + summary + "</summary>" + to_html(table) + "</details>\n";
  };
  add("Which arms are as good as the best", choice_table(run));
  add("Differences between arms that have a name", effect_table(run));
  add("Interval over seeds and test images", prediction_table(run));
  return out;
}

std::string cost_figure(const TransferRun& run) {
  std::vector<Line> lines = run.lines();
  std::vector<Bar> bars;
  const auto add = [&](const std::string& name, int slot, const Line* line) {
    double seconds = 0;
    int64_t cells = 0;
    for (const Cell& cell : run.cells)
      if ((line ? cell.line() == *line : cell.cut == 0) && !std::isnan(cell.seconds))
        seconds += cell.seconds, ++cells;
    if (cells > 0)
      bars.push_back({name, seconds,
                      fmt::format("{}, {} per cell", duration_text(seconds),
                                  seconds < 60 * static_cast<double>(cells)
                                      ? fmt::format("{:.1f}s", seconds / static_cast<double>(cells))
                                      : duration_text(seconds / static_cast<double>(cells))),
                      slot});
  };
  add("scratch", 0, nullptr);
  for (size_t i = 0; i < lines.size(); ++i)
    add(run.name_of(lines[i]), slot_of(lines, i), &lines[i]);
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
    if (!cell.done() && !cell.waiting())
      table.rows.push_back(
          {{cell.id, cell.status, run.name_of(cell.line()), std::to_string(cell.cut),
            budget_number(cell.labels_per_class), std::to_string(cell.seed)}});
  return fmt::format("<details><summary>{} without a result</summary>{}</details>\n",
                     counted(run.holes(), "cell"), to_html(table));
}

}  // namespace

Table summary_table(const TransferRun& run) {
  Table table{{{"Labels per class", true},
               {"Mode"},
               {"Kept up to"},
               {"n", true},
               {"Diverged", true},
               {"Stuck", true},
               {"Accuracy", true},
               {"Minus scratch, points", true},
               {"Pairs", true},
               {"p", true},
               {"Holm p", true}},
              {}};
  for (const Row& row : run.rows)
    table.rows.push_back({{budget_number(row.labels_per_class), run.name_of(row.line),
                           row.cut ? fmt::format("{} {}", row.cut, row.stage) : "0 (nothing)",
                           std::to_string(row.accuracy.n), std::to_string(row.failed),
                           std::to_string(row.stuck), percent(row.accuracy), points(row.difference),
                           std::to_string(row.difference.n), p_text(row.p), p_text(row.holm_p)},
                          &row == run.best(row.labels_per_class)});
  return table;
}

std::string verdict_markdown(const TransferRun& run) {
  return to_markdown(verdict_table(run, statistics::judge(run.cells, run.rows)));
}

std::string transfer_section(const TransferRun& run, const std::vector<TransferRun>& all) {
  std::string out = "<h2>Transfer: " + escape(run.name) + "</h2>\n";
  std::string about =
      fmt::format("{}, {} tried", counted(static_cast<int64_t>(run.cells.size()), "cell"),
                  counted(run.last_cut(), "cut"));
  if (!run.classes.empty()) about += fmt::format(", {} classes", run.classes.size());
  if (!std::isnan(run.chance)) about += fmt::format(", chance is {}", percent(run.chance));
  about += ". Test images are read once per cell, after its training.";
  const auto budgets = run.budgets();
  if (std::ranges::find(budgets, 0) != budgets.end())
    about += " \"All labels\" trains on 90 % of them; the other tenth only draws the curve.";
  out += paragraph(about, "lead");
  const std::vector<double> range = gain_range(all);
  for (const int64_t budget : budgets)
    out += "<div class=\"grid\">" + accuracy_figure(run, budget) + gain_figure(run, budget, range) +
           "</div>\n";
  if (run.rows.empty()) return out;
  const statistics::Verdicts verdicts = statistics::judge(run.cells, run.rows);
  out += "<h2>Four statements</h2>\n" + paragraph(gate_text(verdicts), "lead");
  out += to_html(verdict_table(run, verdicts));
  out += paragraph(
      "A verdict is clear at the 5 % level after Holm's correction over label budgets. Intervals "
      "are "
      "for another backbone of its kind.",
      "lead");
  out += "<h2>All cuts</h2>\n" + to_html(summary_table(run));
  out +=
      paragraph("Mean ± half width of the 95 % Student interval over n seeds " + scope_text(run) +
                    ". Minus scratch: over the pairs of equal seed. Holm p: "
                    "corrected for all comparisons of the sweep. Diverged cells are in no mean, "
                    "stuck ones are.",
                "lead");
  return out + evidence_section(run) + holes_table(run) + cost_figure(run);
}

}  // namespace espalier::report
