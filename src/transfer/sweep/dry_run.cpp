// What a sweep would cost.
#include <map>

#include "core/clock.h"
#include "transfer/sweep/sweep.h"

namespace espalier::transfer {
namespace {

// Seconds of a cell: once, and for each step.
struct Cost {
  double once = 0, step = 0;
};

// Of scratch with all stages learning, measured. Its results are dropped.
Cost measured(const Setting& setting) {
  constexpr int64_t kFew = 2, kMany = 12;
  const auto seconds = [&](int64_t steps) {
    const Arm scratch{"", kScratch, 0, "suffix", 0, setting.budgets.front().labels_per_class};
    return run_cell(setting, {scratch, 0, {setting.config.sweep.lr.front(), steps}}).result.seconds;
  };
  seconds(1);  // what only the first run of a process takes
  const double few = seconds(kFew), many = seconds(kMany);
  const double step = std::max(0.0, many - few) / static_cast<double>(kMany - kFew);
  return {std::max(0.0, few - kFew * step), step};
}

using Kind = std::tuple<std::string, std::string, int64_t>;  // mode, head, cut

Kind kind_of(const Cell& cell) { return {cell.arm.mode, cell.arm.head, cell.arm.cut}; }

}  // namespace

DryRun Sweep::dry_run() const {
  SweepPlan plan = plan_;
  plan.choose(store_);
  DryRun run{.arms = static_cast<int64_t>(plan.arms().size()), .workers = worker_count()};
  std::map<Kind, std::pair<double, int64_t>> finished;  // seconds, steps
  Cells left;
  const auto look_at = [&](const PlannedCell& cell, int64_t& there) {
    if (cell.id.empty() || !store_.has(cell.id)) {
      left.push_back(&cell);
      return;
    }
    ++there;
    const CellResult result = store_.read(cell.id);
    auto& [seconds, steps] = finished[kind_of(cell.cell)];
    seconds += result.seconds;
    steps += std::max<int64_t>(1, result.steps);
  };
  for (const PlannedCell* cell : mine(plan.tuning())) {
    ++run.tuning;
    look_at(*cell, run.tuning_there);
  }
  for (const PlannedCell* cell : mine(plan.cells())) {
    ++run.cells;
    look_at(*cell, run.there);
  }
  std::optional<Cost> scratch;
  for (const PlannedCell* cell : left) {
    const auto& settings = plan.arms()[cell->arm].settings;
    const auto steps = static_cast<double>(
        std::max<int64_t>(1, cell->id.empty() ? settings.back().steps : cell->cell.setting.steps));
    if (const auto found = finished.find(kind_of(cell->cell)); found != finished.end()) {
      run.seconds += found->second.first / static_cast<double>(found->second.second) * steps;
      continue;
    }
    if (!scratch) scratch = measured(setting_);
    run.seconds += scratch->once + scratch->step * steps;
  }
  return run;
}

}  // namespace espalier::transfer
