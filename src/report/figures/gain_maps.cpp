// Every arm at one look: the difference to scratch over cut and line.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "report/drawing/heat_table.h"
#include "report/figures/figures.h"
#include "report/numbers.h"

namespace espalier::report {
namespace {

// The size that has the full colour, the same in all maps of a sweep: the largest of the arms that
// are no controls. Controls may lie beyond it.
double full_colour(const TransferRun& run) {
  double most = 0.01;
  for (const Row& row : run.rows)
    if (!row.line.control && std::isfinite(row.difference.mean))
      most = std::max(most, std::abs(row.difference.mean));
  return most;
}

HeatCell cell_of(const TransferRun& run, int64_t budget, const Line& line, int64_t cut,
                 double full) {
  if (const Row* row = run.find(budget, line, cut)) {
    const Interval& gain = row->difference;
    if (!std::isnan(gain.mean))
      return {points(gain.mean), gain.mean / full, row->holm_p <= kLevel,
              fmt::format("{} points, n {}, Holm p {}", points(gain), gain.n, p_text(row->holm_p))};
    return {"✕", kUnknown, false,
            row->failed > 0 ? fmt::format("{} failed", counted(row->failed, "run"))
                            : "no pair of seeds with scratch"};
  }
  const bool planned = std::ranges::any_of(run.arms, [&](const Arm& arm) {
    return arm.line == line && arm.cut == cut && arm.labels_per_class == budget;
  });
  return planned ? HeatCell{"…", kUnknown, false, "no result so far"} : HeatCell{};
}

}  // namespace

std::vector<Figure> gain_maps(const Look& look) {
  const TransferRun& run = look.run();
  const double full = full_colour(run);
  std::vector<Figure> figures;
  for (const int64_t budget : run.budgets()) {
    if (!run.scratch(budget)) continue;
    HeatTable table{.caption = "Difference to scratch in points, " + budget_text(budget),
                    .corner = "stages kept"};
    for (int64_t cut = 1; cut <= run.last_cut(); ++cut)
      table.columns.push_back(fmt::format("{}\n{}", cut, run.stages[static_cast<size_t>(cut - 1)]));
    bool missing = false;
    for (const Line& line : run.lines()) {
      HeatTable::HeatRow row{.name = look.name(line), .cells = {}, .control = line.control};
      for (int64_t cut = 1; cut <= run.last_cut(); ++cut) {
        row.cells.push_back(cell_of(run, budget, line, cut, full));
        missing = missing || (!row.cells.back().text.empty() && std::isnan(row.cells.back().shade));
      }
      table.rows.push_back(std::move(row));
    }
    figures.push_back(
        {"Difference to scratch, " + budget_text(budget), to_html(table),
         fmt::format("Points above (blue) or below (orange) scratch of the same seeds; full colour "
                     "is ± {:.1f} in all of these maps. Framed and bold: clear after Holm's "
                     "correction.{}",
                     100 * full,
                     missing ? " Hatched: ✕ ended without a value, … has none yet." : ""),
         "", run.last_cut() > 8});
  }
  return figures;
}

}  // namespace espalier::report
