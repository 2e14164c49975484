// Whether a lower rate for kept weights helps: accuracy over kept_lr_factor.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "report/figures/figures.h"
#include "report/numbers.h"

namespace espalier::report {
namespace {

struct Family {
  Line line;  // with the factors below
  std::vector<double> factors;
};

// Lines that differ by factor alone, where there are several factors.
std::vector<Family> families(const TransferRun& run, const Panel& panel) {
  std::vector<Family> all;
  for (Line line : run.lines()) {
    const double factor = line.factor;
    if (factor == 0 || !panel.may_hold(line)) continue;
    line.factor = 0;
    auto known = std::ranges::find(all, line, &Family::line);
    if (known == all.end()) known = all.insert(known, {line, {}});
    known->factors.push_back(factor);
  }
  std::erase_if(all, [](const Family& family) { return family.factors.size() < 2; });
  for (Family& family : all) std::ranges::sort(family.factors);
  return all;
}

// The mean over all cuts that have a value, of the seeds that have all of them.
Interval over_cuts(const TransferRun& run, int64_t budget, const Line& line) {
  std::vector<BySeed> cuts;
  for (int64_t cut = 1; cut <= run.last_cut(); ++cut)
    cuts.push_back(run.by_seed(budget, line, cut));
  return statistics::estimate(statistics::mean_of(cuts)).interval;
}

struct Places {
  std::vector<Tick> ticks;
  double frozen = 0;
};

Places places(const std::vector<Family>& all) {
  std::set<double> factors;
  for (const Family& family : all) factors.insert(family.factors.begin(), family.factors.end());
  Places places;
  places.frozen = std::log10(*factors.begin()) - 0.6;
  places.ticks.push_back({places.frozen, "0\nfrozen"});
  for (const double factor : factors)
    places.ticks.push_back({std::log10(factor), fmt::format("{:g}", factor)});
  return places;
}

Table numbers(const Look& look, int64_t budget, const std::vector<Family>& all) {
  const TransferRun& run = look.run();
  Table table{{{"Mode"}, {"Factor", true}, {"Mean over cuts", true}}, {}};
  for (int64_t cut = 1; cut <= run.last_cut(); ++cut)
    table.columns.push_back({fmt::format("Cut {}", cut), true});
  for (const Family& family : all)
    for (const double factor : family.factors) {
      Line line = family.line;
      line.factor = factor;
      Table::TableRow row{
          {look.name(line), fmt::format("{:g}", factor), percent(over_cuts(run, budget, line))}};
      for (int64_t cut = 1; cut <= run.last_cut(); ++cut) {
        const Row* arm = run.find(budget, line, cut);
        row.cells.push_back(percent(arm ? arm->accuracy.mean : kUnknown));
      }
      table.rows.push_back(std::move(row));
    }
  return table;
}

Figure figure_of(const Look& look, int64_t budget, const Panel& panel,
                 const std::vector<Family>& all) {
  const TransferRun& run = look.run();
  const Places at = places(all);
  Chart chart{.title = "Accuracy over the rate of kept stages, " + budget_text(budget) +
                       look.title_end(panel),
              .x = {.label = "rate of kept stages over that of fresh ones", .ticks = at.ticks},
              .y = {.label = "mean over cuts, %", .scale = 100, .least = 0.05}};
  for (const Family& family : all) {
    Series series{.name = family.line.mode, .slot = look.slot(family.line)};
    for (const double factor : family.factors) {
      Line line = family.line;
      line.factor = factor;
      const Interval mean = over_cuts(run, budget, line);
      series.points.push_back({std::log10(factor), mean.mean, mean.half_width,
                               fmt::format("{}: {}", look.name(line), percent(mean))});
    }
    chart.series.push_back(std::move(series));
  }
  for (const Line& line : run.lines()) {
    if (line.mode != "frozen" || !panel.may_hold(line)) continue;
    const Interval mean = over_cuts(run, budget, line);
    chart.series.push_back({.name = line.mode,
                            .slot = look.slot(line),
                            .points = {{at.frozen, mean.mean, mean.half_width,
                                        look.name(line) + ": " + percent(mean)}},
                            .line = false});
  }
  if (const Row* scratch = run.scratch(budget))
    chart.levels.push_back({"scratch", scratch->accuracy.mean, scratch->accuracy.half_width});
  const std::string text =
      "Accuracy, mean over all cuts, with its 95 % interval over seeds; the scale of the factor is "
      "logarithmic, and frozen stages, which do not learn, stand at its left end. Dashed: scratch.";
  chart.description = text;
  return {chart.title, svg(chart), text, to_html(numbers(look, budget, all))};
}

}  // namespace

std::vector<Figure> factor_figures(const Look& look) {
  std::vector<Figure> figures;
  for (const int64_t budget : look.run().budgets())
    for (const Panel& panel : look.panels(budget))
      if (const auto all = families(look.run(), panel); !all.empty())
        figures.push_back(figure_of(look, budget, panel, all));
  return figures;
}

}  // namespace espalier::report
