// Several sweeps on one page: what each gains, over the cut and at its best.
#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "report/figures/figures.h"
#include "report/numbers.h"
#include "statistics/choice.h"

namespace espalier::report {
namespace {

constexpr size_t kMostModes = 2;  // of which each budget has a chart

std::string ends_text(const statistics::Ends& ends) {
  return fmt::format("{} to {}", points(ends.low), points(ends.high));
}

const Line* line_of(const Panel& panel, const std::string& mode) {
  const auto line = std::ranges::find(panel.lines, mode, &Line::mode);
  return line == panel.lines.end() ? nullptr : &*line;
}

// What several sweeps have in common, in the order of the first.
std::vector<std::string> shared_modes(const std::vector<TransferRun>& all) {
  std::vector<std::string> modes;
  for (const Line& line : all.front().lines()) {
    const auto has = [&](const TransferRun& run) {
      return std::ranges::any_of(run.lines(),
                                 [&](const Line& one) { return one.mode == line.mode; });
    };
    if (!line.control && std::ranges::count_if(all, has) > 1 && modes.size() < kMostModes &&
        std::ranges::find(modes, line.mode) == modes.end())
      modes.push_back(line.mode);
  }
  return modes;
}

Figure mode_figure(const std::vector<TransferRun>& all, int64_t budget, const std::string& mode) {
  Figure figure{mode + ", " + budget_text(budget), "",
                "Mean difference to scratch of the same sweep, with its 95 % interval. Sweeps that "
                "differ in more than their backbone are not comparable by this."};
  Chart chart{.title = "Difference to scratch of each sweep, " + figure.heading,
              .description = figure.what_you_see,
              .x = {.label = "stages kept"},
              .y = {.label = "minus scratch, points",
                    .scale = 100,
                    .signs = true,
                    .range = gain_range(all)},
              .levels = {{"", 0}}};
  int64_t last = 0;
  int slot = 0;
  for (const TransferRun& run : all) {
    ++slot;
    const auto panels = Look(run, all).panels(budget);
    const Line* line = panels.empty() ? nullptr : line_of(panels.front(), mode);
    if (!line) continue;
    Series series{.name = run.name, .slot = slot};
    for (int64_t cut = 1; cut <= run.last_cut(); ++cut)
      if (const Row* row = run.find(budget, *line, cut)) {
        const Interval& gain = row->difference;
        series.points.push_back(
            {static_cast<double>(cut) + 0.06 * (slot - 1), gain.mean, gain.half_width,
             fmt::format("{}, cut {}: {} points", run.name, cut, points(gain))});
        last = std::max(last, cut);
      }
    if (!series.points.empty()) chart.series.push_back(std::move(series));
  }
  for (int64_t cut = 1; cut <= last; ++cut)
    chart.x.ticks.push_back({static_cast<double>(cut), std::to_string(cut)});
  // One sweep alone has its own figures.
  if (chart.series.size() > 1) figure.drawing = svg(chart);
  return figure;
}

}  // namespace

Table sweeps_table(const std::vector<TransferRun>& all) {
  Table table{{{"Sweep"},
               {"Labels per class", true},
               {"Best arm"},
               {"Arms as good", true},
               {"Fewest stages among them"},
               {"Gain, free of selection, points", true},
               {"95 % interval", true}},
              {}};
  for (const TransferRun& run : all) {
    const Look look(run, all);
    const auto text = [&](const Row& row) {
      return fmt::format("{} {}, {}", row.cut, row.stage, look.name(row.line));
    };
    for (const int64_t budget : run.budgets()) {
      const statistics::Choice choice = statistics::choose(run.cells, run.rows, budget);
      if (choice.candidates.empty()) continue;
      table.rows.push_back(
          {{run.name, budget_number(budget), text(choice.best_row()),
            fmt::format("{} of {}", choice.as_good(), choice.candidates.size()),
            text(choice.smallest_row()), points(choice.gain), ends_text(choice.ends)}});
    }
  }
  return table;
}

std::vector<Figure> sweep_figures(const std::vector<TransferRun>& all) {
  std::vector<Figure> figures;
  if (all.size() < 2) return figures;
  std::vector<int64_t> budgets;
  for (const TransferRun& run : all)
    for (const int64_t budget : run.budgets())
      if (std::ranges::find(budgets, budget) == budgets.end()) budgets.push_back(budget);
  std::ranges::sort(budgets, statistics::fewer_labels);
  for (const int64_t budget : budgets)
    for (const std::string& mode : shared_modes(all)) {
      Figure figure = mode_figure(all, budget, mode);
      if (!figure.drawing.empty()) figures.push_back(std::move(figure));
    }
  return figures;
}

}  // namespace espalier::report
