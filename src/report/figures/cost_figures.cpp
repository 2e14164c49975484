// What the sweep cost.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "core/clock.h"
#include "core/files.h"
#include "report/drawing/bars.h"
#include "report/figures/figures.h"
#include "report/numbers.h"
#include "report/run_files.h"

namespace espalier::report {
namespace {

struct Cost {
  std::string name;
  int slot = 0;
  double seconds = 0;
  int64_t cells = 0;

  void add(double more) {
    if (std::isnan(more)) return;
    seconds += more;
    ++cells;
  }
};

// Cells that no row shows: spec.json says what they are for.
void add_other_cells(const TransferRun& run, std::vector<Cost>& costs) {
  Cost tuning{.name = "choice of settings"}, bases{.name = "base networks"};
  Run unnoted;  // a cell without a spec is no fault of the sweep
  unnoted.path = run.path;
  std::error_code unreadable;
  for (const auto& entry : std::filesystem::directory_iterator(run.path / "cells", unreadable)) {
    const std::string folder = "cells/" + entry.path().filename().string();
    if (!there(run.path / folder / "result.json")) continue;
    const std::string purpose = text(read_json(unnoted, folder + "/spec.json"), "purpose");
    if (purpose != "tuning" && purpose != "base") continue;
    const double seconds = number(read_json(unnoted, folder + "/result.json"), "seconds");
    (purpose == "base" ? bases : tuning).add(seconds);
  }
  for (const Cost& cost : {tuning, bases})
    if (cost.cells > 0) costs.push_back(cost);
}

std::vector<Cost> costs_of(const Look& look) {
  std::vector<Cost> costs;
  for (const Cell& cell : look.run().cells) {
    const std::string name = cell.cut == 0 ? "scratch" : cell.mode;
    auto at = std::ranges::find(costs, name, &Cost::name);
    if (at == costs.end())
      at = costs.insert(at, {name, cell.cut == 0 ? 0 : look.slot(cell.line())});
    at->add(cell.seconds);
  }
  std::erase_if(costs, [](const Cost& cost) { return cost.cells == 0; });
  add_other_cells(look.run(), costs);
  return costs;
}

std::string each_text(const Cost& cost) {
  const double each = cost.seconds / static_cast<double>(cost.cells);
  return each < 60 ? fmt::format("{:.1f}s", each) : duration_text(each);
}

}  // namespace

std::vector<Figure> cost_figures(const Look& look) {
  std::vector<Bar> bars;
  Table table{{{"Mode"}, {"Cells", true}, {"Time", true}, {"Per cell", true}}, {}};
  Cost all{.name = "all"};
  for (const Cost& cost : costs_of(look)) {
    bars.push_back({cost.name, cost.seconds,
                    fmt::format("{}, {} per cell", duration_text(cost.seconds), each_text(cost)),
                    cost.slot});
    table.rows.push_back(
        {{cost.name, with_commas(cost.cells), duration_text(cost.seconds), each_text(cost)}});
    all.seconds += cost.seconds;
    all.cells += cost.cells;
  }
  if (bars.empty()) return {};
  table.rows.push_back(
      {{all.name, with_commas(all.cells), duration_text(all.seconds), each_text(all)}});
  return {
      {"Cost of the sweep", svg_bars("Seconds by mode", bars),
       fmt::format("Time inside the cells, summed by mode, and the mean of one cell: {} in all.",
                   duration_text(all.seconds)),
       to_html(table)}};
}

}  // namespace espalier::report
