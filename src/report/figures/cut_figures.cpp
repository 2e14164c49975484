// Figure 2 of Yosinski et al. 2014, "How transferable are features in deep neural networks?".
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "report/figures/figures.h"
#include "report/numbers.h"

namespace espalier::report {
namespace {

// Lines stand side by side at a cut, each in a strip of its own.
double strip(size_t lines) { return std::min(0.16, 0.84 / static_cast<double>(lines)); }

double beside(size_t line, size_t lines) {
  return strip(lines) * (static_cast<double>(line) - static_cast<double>(lines - 1) / 2);
}

// Seeds of one arm are spread over its strip, so that equal ones are seen as two.
double jitter(int64_t seed, size_t lines) {
  return strip(lines) * 0.6 * (static_cast<double>(seed * 7 % 10) / 9 - 0.5);
}

void add_runs(const Look& look, int64_t budget, const Line& line, size_t place, size_t lines,
              Series& series) {
  for (const Cell& cell : look.run().cells) {
    if (cell.labels_per_class != budget || !cell.is_of(line) || cell.waiting()) continue;
    const double x =
        static_cast<double>(cell.cut) + beside(place, lines) + jitter(cell.seed, lines);
    const std::string where = fmt::format("{}, cut {}, seed {}: ", line.mode, cell.cut, cell.seed);
    if (cell.done())
      series.dots.push_back({x, cell.accuracy, kUnknown, where + percent(cell.accuracy)});
    else
      series.holes.push_back({x, 0, kUnknown, where + cell.status});
  }
}

Chart runs_chart(const Look& look, int64_t budget, const Panel& panel) {
  Chart chart{.x = {.ticks = look.cut_ticks()},
              .y = {.label = "accuracy, %", .scale = 100, .least = 0.05},
              .width = look.width(),
              .height = 210};
  for (size_t i = 0; i < panel.lines.size(); ++i) {
    Series series{.name = look.name(panel.lines[i], panel), .slot = look.slot(panel.lines[i])};
    add_runs(look, budget, panel.lines[i], i, panel.lines.size(), series);
    chart.series.push_back(std::move(series));
  }
  if (const Row* scratch = look.run().scratch(budget)) {
    const Interval& level = scratch->accuracy;
    chart.levels.push_back({"scratch", level.mean, level.half_width});
    Series runs{.slot = 0, .markers = false};
    add_runs(look, budget, scratch->line, 0, 1, runs);
    chart.series.push_back(std::move(runs));
  }
  return chart;
}

Series gain_series(const Look& look, int64_t budget, const Line& line, const Panel& panel) {
  Series series{.slot = look.slot(line), .band = true};
  for (int64_t cut = 1; cut <= look.run().last_cut(); ++cut) {
    const Row* row = look.run().find(budget, line, cut);
    const Interval gain = row ? row->difference : Interval{kUnknown, kUnknown, 0};
    series.points.push_back({static_cast<double>(cut), gain.mean, gain.half_width,
                             fmt::format("{}, cut {}: {} points (n {})", look.name(line, panel),
                                         cut, points(gain), gain.n)});
  }
  return series;
}

const char* effect_text(const std::string& name) {
  if (name == "dip") return "co-adaptation dip";
  if (name == "specificity") return "specificity";
  if (name == "boost") return "boost by pretraining";
  if (name == "recovery") return "recovery by tuning";
  return nullptr;  // no region between two lines of this figure
}

// Of each effect that this budget and panel show, the cut where it is largest.
std::map<std::string, statistics::Effect> largest_effects(const Look& look, int64_t budget,
                                                          const Panel& panel) {
  std::map<std::string, statistics::Effect> largest;
  const auto size = [](const statistics::Effect& effect) {
    return (effect.name == "dip" ? -1 : 1) * effect.difference.interval.mean;
  };
  for (const statistics::Effect& effect : look.effects()) {
    if (effect.labels_per_class != budget || !effect_text(effect.name)) continue;
    if (std::ranges::find(panel.lines, effect.line) == panel.lines.end()) continue;
    const auto [at, added] = largest.try_emplace(effect.name, effect);
    if (!added && size(effect) > size(at->second)) at->second = effect;
  }
  return largest;
}

// Where the effects lie, between two lines.
std::vector<Span> spans(const Look& look, int64_t budget, const Panel& panel, const Range& range) {
  const auto effects = largest_effects(look, budget, panel);
  std::vector<Span> spans;
  for (const char* name : {"dip", "specificity", "boost", "recovery"}) {
    const auto found = effects.find(name);
    if (found == effects.end()) continue;
    const statistics::Effect& effect = found->second;
    const Row* row = look.run().find(budget, effect.line, effect.cut);
    const double size = effect.difference.interval.mean;
    const bool seen = std::abs(size) >= 0.03 * (range[1] - range[0]);  // as an arrow
    if (!row || !seen) continue;
    // The line of an effect is what the other is subtracted from; of specificity it is the other.
    const double end = row->difference.mean;
    const double begin = end + (found->first == "specificity" ? size : -size);
    const auto cut = static_cast<double>(effect.cut);
    const auto others = std::ranges::count_if(
        spans, [&](const Span& other) { return std::abs(other.x1 - cut) < 0.6; });
    const double x = cut + 0.13 + 0.13 * static_cast<double>(others);
    spans.push_back({x, begin, x, end,
                     fmt::format("{}, cut {}: {}{}", effect_text(name), effect.cut,
                                 points(effect.difference.interval),
                                 effect.holm_p <= kLevel ? "" : " (not clear)")});
  }
  return spans;
}

Chart gains_chart(const Look& look, int64_t budget, const Panel& panel, const Range& range) {
  Chart chart{.x = {.label = "stages kept", .ticks = look.cut_ticks()},
              .y = {.label = "minus scratch, points", .scale = 100, .signs = true, .range = range},
              .width = look.width(),
              .height = 270};
  for (const Line& line : panel.lines)
    chart.series.push_back(gain_series(look, budget, line, panel));
  if (look.run().scratch(budget)) {
    chart.levels.push_back({"", 0});
    chart.spans = spans(look, budget, panel, range);
  }
  return chart;
}

// Of what is drawn, and of nothing else.
std::string what_is_drawn(const Chart& runs, const Chart& gains) {
  bool holes = false, bands = false, outside = false, controls = false;
  for (const Series& series : runs.series) holes = holes || !series.holes.empty();
  for (const Series& series : gains.series) {
    controls = controls || series.slot < 0;
    for (const Point& point : series.points) {
      bands = bands || !std::isnan(point.half_width);
      outside = outside || point.y < gains.y.range[0] || point.y > gains.y.range[1];
    }
  }
  std::string text = "Above, every run is a dot over the number of stages kept";
  text += holes ? ", a run without a result a cross at the foot" : "";
  const bool interval = !runs.levels.empty() && !std::isnan(runs.levels[0].half_width);
  text += runs.levels.empty() ? "." : "; dashed: training from scratch";
  text += interval ? ", with its 95 % interval." : runs.levels.empty() ? "" : ".";
  text += " Below, the mean difference to scratch of the same seed";
  text += bands ? " with its 95 % band; a band across 0 leaves the sign open." : ".";
  text += " All charts of differences share one scale.";
  if (outside) text += " A triangle at the edge is a mean that lies outside.";
  if (controls) text += " Grey and dashed: controls, whose weights nobody trained for the task.";
  if (!gains.spans.empty())
    text +=
        " Numbers name effects, each at the cut where it is largest; the largest of several "
        "is optimistic.";
  return text;
}

std::string numbers(const Look& look, int64_t budget, const Panel& panel) {
  std::vector<const Row*> rows;
  for (const Row& row : look.run().rows)
    if (row.labels_per_class == budget &&
        (row.cut == 0 || std::ranges::find(panel.lines, row.line) != panel.lines.end()))
      rows.push_back(&row);
  return to_html(rows_table(look, rows));
}

}  // namespace

// Every arm that starts from trained weights lies inside, and its interval unless it is wider than
// the means are apart; a control may lie outside, since the chart of runs has it.
Range gain_range(const std::vector<TransferRun>& all) {
  Range means = {0, 0};
  const auto see = [&](Range& range, double value) {
    range = {std::min(range[0], value), std::max(range[1], value)};
  };
  std::vector<Interval> gains;
  for (const TransferRun& run : all)
    for (const Row& row : run.rows)
      if (!row.line.control && !std::isnan(row.difference.mean)) {
        gains.push_back(row.difference);
        see(means, gains.back().mean);
      }
  Range range = means;
  for (const Interval& gain : gains)
    if (gain.half_width < means[1] - means[0]) {
      see(range, gain.mean - gain.half_width);
      see(range, gain.mean + gain.half_width);
    }
  const double more = std::max(0.08 * (range[1] - range[0]), 0.01);
  return {range[0] - more, range[1] + more};
}

std::vector<Figure> cut_figures(const Look& look, int64_t budget, const Range& range) {
  std::vector<Figure> figures;
  for (const Panel& panel : look.panels(budget)) {
    const Chart runs = runs_chart(look, budget, panel);
    const Chart gains = gains_chart(look, budget, panel, range);
    const std::string heading =
        "Accuracy over the cut, " + budget_text(budget) + look.title_end(panel);
    const std::string text = what_is_drawn(runs, gains);
    const std::string drawing = svg_stack(heading, text, {runs, gains});
    figures.push_back({heading, look.wide() ? scrolling(heading, drawing) : drawing, text,
                       numbers(look, budget, panel), look.wide()});
  }
  return figures;
}

}  // namespace espalier::report
