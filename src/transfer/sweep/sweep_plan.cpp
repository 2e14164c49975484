#include "transfer/sweep/sweep_plan.h"

#include <algorithm>
#include <cmath>

#include "core/log.h"

namespace espalier::transfer {
namespace {

Json json_of(const PlannedArm& planned, bool control) {
  Json settings = Json::array();
  for (const auto& [lr, steps] : planned.settings)
    settings.push_back({{"lr", lr}, {"steps", steps}});
  const Arm& arm = planned.arm;
  return {{"source", arm.source},
          {"mode", arm.mode},
          {"kept_lr_factor", arm.kept_lr_factor},
          {"head", arm.head},
          {"cut", arm.cut},
          {"labels_per_class", arm.labels_per_class},
          {"control", control},
          {"settings", settings},
          {"validation", planned.validation},
          {"chosen", planned.chosen ? Json(*planned.chosen) : Json()}};
}

}  // namespace

SweepPlan::SweepPlan(const Setting& setting) : setting_(setting) {
  for (const Arm& arm : arms_of(setting.config.sweep, setting.stage_count())) {
    const size_t index = arms_.size();
    std::vector<Hyperparameters> settings = settings_of(setting.config.sweep, arm);
    const size_t count = settings.size();
    arms_.push_back({arm, std::move(settings), std::vector<double>(count, kNone), std::nullopt});
    for (int64_t seed = 0; seed < setting.seed_count(); ++seed)
      cells_.push_back({.id = "", .cell = {.arm = arm, .seed = seed}, .spec = {}, .arm = index});
    if (count == 1)
      settle(index, 0);
    else if (setting.fold_count(arm.labels_per_class) == 0)
      settle(index, count / 2);
    else
      plan_tuning(index);
  }
  const bool unsettled = std::ranges::any_of(arms_, [&](const PlannedArm& planned) {
    return planned.settings.size() > 1 && planned.chosen;
  });
  if (unsettled)
    log::warning("transfer",
                 "of 1 label per class none can be held out, so nothing chooses among transfer.lr "
                 "and transfer.steps: the middle one is taken");
}

PlannedCell SweepPlan::planned(const Cell& cell, size_t arm, size_t setting) const {
  nlohmann::json spec = spec_of(setting_, cell);
  return {id_of(spec), cell, std::move(spec), arm, setting};
}

void SweepPlan::plan_tuning(size_t index) {
  const PlannedArm& planned_arm = arms_[index];
  const int64_t seeds = std::min(setting_.config.sweep.tuning_seeds, setting_.seed_count());
  const int64_t folds = setting_.fold_count(planned_arm.arm.labels_per_class);
  for (size_t i = 0; i < planned_arm.settings.size(); ++i)
    for (int64_t seed = 0; seed < seeds; ++seed)
      for (int64_t fold = 0; fold < folds; ++fold)
        tuning_.push_back(planned({.arm = planned_arm.arm,
                                   .seed = seed,
                                   .setting = planned_arm.settings[i],
                                   .fold = fold},
                                  index, i));
}

void SweepPlan::settle(size_t index, size_t chosen) {
  arms_[index].chosen = chosen;
  const auto seeds = static_cast<size_t>(setting_.seed_count());
  for (size_t i = index * seeds; i < (index + 1) * seeds; ++i) {
    cells_[i].cell.setting = arms_[index].settings[chosen];
    cells_[i] = planned(cells_[i].cell, index, chosen);
  }
}

void SweepPlan::choose(const CellStore& store) {
  std::vector<std::vector<std::pair<double, int64_t>>> sums(arms_.size());  // by setting
  std::vector<bool> complete(arms_.size(), true);
  for (size_t a = 0; a < arms_.size(); ++a) sums[a].resize(arms_[a].settings.size());
  for (const PlannedCell& cell : tuning_) {
    if (arms_[cell.arm].chosen) continue;
    if (!store.has(cell.id)) {
      complete[cell.arm] = false;
      continue;
    }
    const double accuracy = store.read(cell.id).validation_accuracy;
    sums[cell.arm][cell.setting].first += std::isnan(accuracy) ? 0 : accuracy;
    sums[cell.arm][cell.setting].second += 1;
  }
  for (size_t a = 0; a < arms_.size(); ++a) {
    if (arms_[a].chosen || !complete[a]) continue;
    PlannedArm& planned_arm = arms_[a];
    for (size_t i = 0; i < sums[a].size(); ++i)
      planned_arm.validation[i] = sums[a][i].first / static_cast<double>(sums[a][i].second);
    const auto best = std::ranges::max_element(planned_arm.validation);
    settle(a, static_cast<size_t>(best - planned_arm.validation.begin()));
    const auto& [lr, steps] = planned_arm.settings[*planned_arm.chosen];
    log::info("transfer", "{}: lr {}, {} steps by {:.1f} % of held-out images",
              planned_arm.arm.text(), lr, steps, 100 * *best);
  }
}

Json SweepPlan::json() const {
  Json backbones = Json::array(), sources = Json::array(), arms = Json::array(),
       cells = Json::array(), few = Json::array();
  for (const engine::BackboneFile& backbone : setting_.backbones)
    backbones.push_back({{"path", backbone.path},
                         {"sha256", backbone.sha256},
                         {"seed", backbone.seed},
                         {"steps", backbone.steps},
                         {"task", backbone.task}});
  for (const Source& source : setting_.sources)
    sources.push_back({{"name", source.name},
                       {"path", source.members.front().path},
                       {"sha256", source.members.front().sha256}});
  const int64_t stages = setting_.stage_count();
  for (const PlannedArm& planned_arm : arms_) {
    const Arm& arm = planned_arm.arm;
    arms.push_back(json_of(planned_arm, plan_of(arm.mode, arm.cut, stages).is_control(arm.cut)));
  }
  for (const PlannedCell& cell : cells_)
    cells.push_back({{"id", cell.id.empty() ? Json() : Json(cell.id)},
                     {"arm", cell.arm},
                     {"seed", cell.cell.seed},
                     {"backbone", setting_.backbone_of(cell.cell.seed)}});
  for (const ShortClass& one : setting_.short_classes)
    few.push_back({{"class", one.name}, {"images", one.images}});
  return {{"schema", 2},
          {"stages", setting_.model().stages},
          {"classes", setting_.classes},
          {"short_classes", few},
          {"chance", 1.0 / static_cast<double>(setting_.class_count())},
          {"test_images", setting_.test->size()},
          {"backbones", backbones},
          {"sources", sources},
          {"arms", arms},
          {"cells", cells}};
}

}  // namespace espalier::transfer
