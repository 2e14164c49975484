#include "transfer/sweep/sweep.h"

#include <mutex>
#include <thread>

#include "core/activity.h"
#include "core/clock.h"
#include "core/cores.h"
#include "core/files.h"
#include "core/log.h"
#include "core/stop_request.h"
#include "engine/provenance.h"
#include "engine/run_folder.h"
#include "engine/workers.h"
#include "statistics/predictions.h"
#include "statistics/stopping.h"
#include "transfer/leak_check.h"
#include "transfer/sweep/image_lists.h"

namespace espalier::transfer {
namespace {

constexpr int64_t kSeedsAtOnce = 3;
constexpr auto kPoll = std::chrono::seconds(1);
constexpr const char* kProgress = "finished cells are kept";

std::vector<Arm> plain_arms(const SweepPlan& plan) {
  std::vector<Arm> arms;
  for (const PlannedArm& planned : plan.arms()) arms.push_back(planned.arm);
  return arms;
}

// Seed after seed, so that a sweep that has not ended shows whole rows; of each the cells where all
// stages learn, then those that share features, the longest first: they leave no worker alone with a
// long one at the end.
std::tuple<int64_t, bool, int64_t> place_in_line(const Setting& setting, const Cell& cell) {
  const Plan plan = plan_of(cell.arm.mode, cell.arm.cut, setting.stage_count());
  const bool rests = plan.resting() > 0;
  const int64_t learning = depth_of(cell.arm, setting.stage_count()) - plan.resting();
  return {cell.seed, rests, -cell.setting.steps * learning};
}

}  // namespace

Sweep::Sweep(TransferConfig config, std::vector<engine::BackboneFile> backbones,
             std::filesystem::path folder, SweepPart part)
    : setting_(std::move(config), std::move(backbones)),
      folder_(std::move(folder)),
      part_(std::move(part)),
      store_(folder_),
      plan_(setting_),
      seeds_(setting_.config.sweep.planned_seeds()) {
  check(part_.shards == 1 || setting_.config.sweep.until_half_width == 0, Kind::kUsage,
        "transfer.until_half_width looks at all arms, and --shard computes some (try: several "
        "processes that share the folder, without --shard)");
  part_.only.require_values(plain_arms(plan_), setting_.seed_count());
}

void Sweep::prepare() {
  store_.prepare();
  if (!part_.retry_failed) return;
  SweepPlan chosen = plan_;
  chosen.choose(store_);
  for (const auto* cells : {&chosen.tuning(), &chosen.cells()})
    for (const PlannedCell* cell : mine(*cells))
      if (store_.has(cell->id) && store_.read(cell->id).status != Status::kDone)
        store_.remove(cell->id);
}

bool Sweep::takes(const PlannedCell& planned) const {
  const size_t company = plan_.arms()[planned.arm].company;
  if (static_cast<int64_t>(company) % part_.shards != part_.shard) return false;
  if (!planned.cell.fold)
    return setting_.is_among_first(seeds_, planned.cell.seed) &&
           part_.only.takes(planned.cell.arm) && part_.only.takes_seed(planned.cell.seed);
  return std::ranges::any_of(plan_.companies()[company],
                             [&](size_t arm) { return part_.only.takes(plan_.arms()[arm].arm); });
}

Sweep::Cells Sweep::mine(const std::vector<PlannedCell>& cells) const {
  std::set<std::string> seen;
  Cells chosen;
  for (const PlannedCell& cell : cells)
    if (takes(cell) && (cell.id.empty() || seen.insert(cell.id).second)) chosen.push_back(&cell);
  const auto place = [&](const PlannedCell* planned) {
    return place_in_line(setting_, planned->cell);
  };
  std::ranges::stable_sort(chosen, {}, place);
  return chosen;
}

Sweep::Cells Sweep::missing(const Cells& cells) const {
  Cells left;
  for (const PlannedCell* cell : cells)
    if (!store_.has(cell->id)) left.push_back(cell);
  return left;
}

bool Sweep::compute(const PlannedCell& cell) {
  const std::optional<Claim> claim = store_.claim(cell.id);
  if (!claim || store_.has(cell.id)) return false;
  CellHooks hooks;
  hooks.at_step = [] { stop_request::throw_if_wanted(kProgress); };
  hooks.base_weights = [&](const Cell& base) {
    return store_.base(id_of(spec_of(setting_, base)), [&] {
      return engine::state_of(*train_cell(setting_, base, hooks).network.backbone);
    });
  };
  const CellOutput output = run_cell(setting_, cell.cell, hooks);
  if (output.result.status != Status::kDone)
    log::warning("transfer", "{}, seed {}: {} at step {}", cell.cell.arm.text(), cell.cell.seed,
                 output.result.status, output.result.steps + 1);
  store_.write(cell.id, cell.spec, output);
  return true;
}

int64_t Sweep::worker_count() const {
  const int64_t wanted = setting_.config.sweep.workers;
  return wanted > 0 ? wanted : core_share().cores;
}

int64_t Sweep::compute_all(const Cells& cells, const std::string& what) {
  const auto total = static_cast<int64_t>(cells.size());
  Cells left = missing(cells);
  int64_t there = total - static_cast<int64_t>(left.size());
  log::info("transfer", "{} of {} {} were there already", there, total, what);
  if (left.empty()) return 0;
  engine::Workers workers(std::min(worker_count(), static_cast<int64_t>(left.size())),
                          /*threads_each=*/1);
  Progress progress("transfer", what, total, !part_.quiet);
  progress.update(there);
  std::mutex mutex;
  int64_t computed = 0;
  for (bool waiting = false; !left.empty(); left = missing(left)) {
    const int64_t before = computed;
    workers.run(static_cast<int64_t>(left.size()), [&](int64_t, int64_t item) {
      if (!compute(*left[static_cast<size_t>(item)])) return;
      const std::lock_guard lock(mutex);
      ++computed;
      progress.update(++there);
    });
    stop_request::throw_if_wanted(kProgress);
    if (computed > before) continue;
    if (!waiting) log::info("transfer", "waiting for {} {} of other processes", left.size(), what);
    waiting = true;
    made_progress();
    std::this_thread::sleep_for(kPoll);
  }
  return computed;
}

void Sweep::write_plan() const {
  write_file(folder_ / "test_labels.bin",
             class_bytes(setting_.test_labels, setting_.class_count()));
  write_file(engine::RunFolder{folder_}.config(), setting_.config.document.resolved());
  write_file(folder_ / "training_images.csv", training_images_csv(setting_));
  write_file(folder_ / "plan.json", plan_.json(seeds_).dump(2) + "\n");
}

bool Sweep::wants_more_seeds() const {
  const SweepOptions& options = setting_.config.sweep;
  return seeds_ < options.planned_seeds() &&
         !statistics::are_narrow(statistics::summarize(finished()), options.until_half_width / 100);
}

int64_t Sweep::run(bool writes) {
  seeds_ = setting_.config.sweep.seeds;
  plan_.choose(store_);
  if (writes) {
    write_plan();
    check_leaks(setting_, folder_);
  }
  int64_t computed = 0;
  if (const Cells tuning = mine(plan_.tuning()); !tuning.empty()) {
    computed += compute_all(tuning, "tuning runs");
    plan_.choose(store_);
    if (writes) write_plan();
  }
  computed += compute_all(mine(plan_.cells()), "cells");
  while (wants_more_seeds()) {
    seeds_ = std::min(seeds_ + kSeedsAtOnce, setting_.config.sweep.planned_seeds());
    if (writes) write_plan();
    computed += compute_all(mine(plan_.cells()), "cells");
  }
  return computed;
}

std::vector<statistics::Cell> Sweep::finished() const {
  std::vector<statistics::Cell> cells;
  for (const auto& [id, cell, spec, arm_index, setting] : plan_.cells()) {
    if (id.empty() || !setting_.is_among_first(seeds_, cell.seed) || !store_.has(id)) continue;
    const CellResult result = store_.read(id);
    const PlannedArm& planned = plan_.arms()[arm_index];
    const Arm& arm = planned.arm;
    cells.push_back(
        {.id = id,
         .source = arm.source,
         .mode = arm.mode,
         .head = arm.head,
         .stage = arm.cut > 0 ? setting_.model().stages[static_cast<size_t>(arm.cut - 1)] : "",
         .status = name_of(result.status),
         .factor = arm.kept_lr_factor,
         .cut = arm.cut,
         .labels_per_class = arm.labels_per_class,
         .seed = cell.seed,
         .backbone = setting_.backbone_of(cell.seed),
         .lr = cell.setting.lr,
         .steps = cell.setting.steps,
         .validation = planned.validation[setting],
         .accuracy = result.accuracy,
         .loss = result.loss,
         .seconds = result.seconds,
         .stuck = result.stuck,
         .control = plan_of(arm.mode, arm.cut, setting_.stage_count()).is_control(arm.cut)});
  }
  return cells;
}

void Sweep::write_results(const std::string& command, double seconds, int64_t computed) const {
  Json facts = engine::host_facts();
  facts["command"] = command;
  facts["seconds"] = seconds;
  facts["cells"] = plan_.cells().size();
  facts["cells_computed_by_this_command"] = computed;
  facts["data_hash"] = setting_.train.hash();
  facts["test_hash"] = setting_.test->hash();
  facts["backbone_sha256"] = setting_.model().sha256;
  const engine::RunFolder run{folder_};
  write_file(folder_ / "plan.json", plan_.json(seeds_).dump(2) + "\n");
  write_file(folder_ / "cells.csv", cells_csv(finished()));
  write_file(run.provenance(), facts.dump(2) + "\n");
  const report::TransferRun all = results();
  write_file(folder_ / "summary.csv", summary_csv(all.rows));
  write_file(folder_ / "summary.json", summary_json(all).dump(2) + "\n");
}

report::TransferRun Sweep::results() const {
  report::TransferRun run = report::read_runs({folder_}).transfer.at(0);
  statistics::add_scores(
      run.rows, run.cells,
      statistics::Predictions(folder_, static_cast<int64_t>(setting_.classes.size())));
  return run;
}

}  // namespace espalier::transfer
