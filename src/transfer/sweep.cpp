#include "transfer/sweep.h"

#include <algorithm>
#include <mutex>
#include <thread>

#include "core/cores.h"
#include "core/files.h"
#include "core/log.h"
#include "core/stop_request.h"
#include "engine/provenance.h"
#include "engine/run_folder.h"
#include "engine/workers.h"

namespace espalier::transfer {
namespace {

constexpr auto kPoll = std::chrono::seconds(1);

}  // namespace

Sweep::Sweep(TransferConfig config, engine::BackboneFile backbone, std::filesystem::path folder,
             bool quiet)
    : setting_(std::move(config), std::move(backbone)),
      folder_(std::move(folder)),
      quiet_(quiet),
      store_(folder_) {
  for (Cell& cell : cells_of(setting_.config)) {
    nlohmann::json spec = spec_of(setting_, cell);
    cells_.push_back({id_of(spec), std::move(cell), std::move(spec)});
  }
}

std::vector<const Sweep::Planned*> Sweep::missing() const {
  std::vector<const Planned*> cells;
  for (const Planned& cell : cells_)
    if (!store_.has(cell.id)) cells.push_back(&cell);
  return cells;
}

bool Sweep::compute(const Planned& cell) const {
  std::optional<Claim> claim = store_.claim(cell.id);
  if (!claim || store_.has(cell.id)) return false;
  const CellOutput output = run_cell(setting_, cell.cell, [&] {
    claim->refresh();
    stop_request::throw_if_wanted("finished cells are kept");
  });
  if (output.result.status != Status::kDone)
    log::warning("transfer", "{}, cut {}, {} labels per class, seed {}: {} at step {}",
                 cell.cell.mode_name(), cell.cell.cut, cell.cell.labels_per_class, cell.cell.seed,
                 output.result.status, output.result.steps + 1);
  store_.write(cell.id, cell.spec, output);
  return true;
}

void Sweep::write_plan() const {
  Json arms = Json::array(), cells = Json::array();
  const auto& config = setting_.config;
  for (const auto& [id, cell, spec] : cells_) {
    const Json arm = {
        {"source", cell.mode ? statistics::kOurs : ""},
        {"mode", cell.mode_name()},
        {"kept_lr_factor", cell.mode == Mode::kTuned ? config.sweep.kept_lr_factor : 0.0},
        {"head", "suffix"},
        {"cut", cell.cut},
        {"labels_per_class", cell.labels_per_class},
        {"control", false},
        {"settings", {{{"lr", config.optim.lr}, {"steps", config.sweep.steps}}}},
        {"validation", {nullptr}},
        {"chosen", 0}};
    const auto at = std::find(arms.begin(), arms.end(), arm) - arms.begin();
    if (at == static_cast<int64_t>(arms.size())) arms.push_back(arm);
    cells.push_back({{"id", id}, {"arm", at}, {"seed", cell.seed}, {"backbone", 0}});
  }
  const Json plan = {{"schema", 2},
                     {"stages", setting_.backbone.stages},
                     {"classes", setting_.classes},
                     {"chance", 1.0 / static_cast<double>(setting_.classes.size())},
                     {"test_images", setting_.test_set().size()},
                     {"arms", arms},
                     {"cells", cells}};
  write_file(engine::RunFolder{folder_}.config(), setting_.config.document.resolved());
  write_file(folder_ / "plan.json", plan.dump(2) + "\n");
}

int64_t Sweep::run() const {
  write_plan();
  const auto total = static_cast<int64_t>(cells_.size());
  std::vector<const Planned*> left = missing();
  log::info("transfer", "{} of {} cells were there already",
            total - static_cast<int64_t>(left.size()), total);
  if (left.empty()) return 0;
  const int64_t wanted = setting_.config.sweep.workers;
  const int64_t count = wanted > 0 ? wanted : core_share().cores;
  engine::Workers workers(std::min(count, static_cast<int64_t>(left.size())), /*threads_each=*/1);
  Progress progress("transfer", "cells", total, !quiet_);
  progress.update(total - static_cast<int64_t>(left.size()));
  std::mutex mutex;
  int64_t computed = 0;
  for (bool waiting = false; !left.empty(); left = missing()) {
    const int64_t before = computed;
    workers.run(static_cast<int64_t>(left.size()), [&](int64_t, int64_t item) {
      if (!compute(*left[static_cast<size_t>(item)])) return;
      const std::lock_guard lock(mutex);
      ++computed;
      progress.update(total - static_cast<int64_t>(missing().size()));
    });
    stop_request::throw_if_wanted("finished cells are kept");
    if (computed > before) continue;
    if (!waiting) log::info("transfer", "waiting for {} cells of other processes", left.size());
    waiting = true;
    std::this_thread::sleep_for(kPoll);
  }
  return computed;
}

std::vector<statistics::Cell> Sweep::finished() const {
  std::vector<statistics::Cell> cells;
  for (const auto& [id, cell, spec] : cells_) {
    if (!store_.has(id)) continue;
    const CellResult result = store_.read(id);
    const auto& config = setting_.config;
    cells.push_back(
        {.id = id,
         .source = cell.mode ? statistics::kOurs : "",
         .mode = cell.mode_name(),
         .head = "suffix",
         .stage = cell.cut > 0 ? setting_.backbone.stages[static_cast<size_t>(cell.cut - 1)] : "",
         .status = name_of(result.status),
         .factor = cell.mode == Mode::kTuned ? config.sweep.kept_lr_factor : 0.0,
         .cut = cell.cut,
         .labels_per_class = cell.labels_per_class,
         .seed = cell.seed,
         .lr = config.optim.lr,
         .steps = config.sweep.steps,
         .accuracy = result.accuracy,
         .loss = result.loss,
         .seconds = result.seconds,
         .stuck = result.stuck});
  }
  return cells;
}

void Sweep::write_results(const std::string& command, double seconds, int64_t computed) const {
  const std::vector<statistics::Cell> cells = finished();
  const std::vector<statistics::Row> rows = statistics::summarize(cells);
  const std::vector<std::string>& stages = setting_.backbone.stages;
  Json facts = engine::host_facts();
  facts["command"] = command;
  facts["seconds"] = seconds;
  facts["cells"] = cells_.size();
  facts["cells_computed_by_this_command"] = computed;
  facts["data_hash"] = setting_.train.hash();
  facts["test_hash"] = setting_.test.hash();
  facts["backbone_sha256"] = setting_.backbone.sha256;
  const engine::RunFolder run{folder_};
  write_file(folder_ / "cells.csv", cells_csv(cells));
  write_file(folder_ / "summary.csv", summary_csv(rows));
  write_file(folder_ / "summary.json", summary_json(rows, stages, setting_.classes).dump(2) + "\n");
  write_file(run.provenance(), facts.dump(2) + "\n");
}

}  // namespace espalier::transfer
