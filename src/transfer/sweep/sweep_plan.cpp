#include "transfer/sweep/sweep_plan.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <set>

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

// Accuracies on held-out images, by setting.
class Votes {
 public:
  void add(size_t setting, double accuracy) {
    runs_.resize(std::max(runs_.size(), setting + 1));
    runs_[setting].push_back(accuracy);
  }
  bool empty() const { return runs_.empty(); }
  std::vector<double> means() const {
    std::vector<double> means;
    for (const auto& runs : runs_)
      means.push_back(std::accumulate(runs.begin(), runs.end(), 0.0) /
                      static_cast<double>(runs.size()));
    return means;
  }

 private:
  std::vector<std::vector<double>> runs_;
};

}  // namespace

SweepPlan::SweepPlan(const Setting& setting) : setting_(setting) {
  std::map<Company, size_t> numbers;
  for (const Arm& arm : setting.arms()) {
    const size_t index = arms_.size();
    const size_t company =
        numbers.emplace(company_of(arm, setting.stage_count()), numbers.size()).first->second;
    companies_.resize(numbers.size());
    companies_[company].push_back(index);
    std::vector<Hyperparameters> settings = settings_of(setting.config.sweep, arm);
    const size_t count = settings.size();
    arms_.push_back(
        {arm, company, std::move(settings), std::vector<double>(count, kNone), std::nullopt});
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

void SweepPlan::settle_together(const std::vector<size_t>& arms,
                                const std::vector<double>& validation) {
  const auto best = std::ranges::max_element(validation) - validation.begin();
  std::vector<std::string> names;
  for (const size_t a : arms) {
    settle(a, static_cast<size_t>(best));
    names.push_back(arms_[a].arm.text());
  }
  const auto& [lr, steps] = arms_[arms[0]].settings[static_cast<size_t>(best)];
  log::info("transfer", "{}: lr {}, {} steps by {:.1f} % of held-out images",
            fmt::join(names, " and "), lr, steps, 100 * validation[static_cast<size_t>(best)]);
}

void SweepPlan::choose(const CellStore& store) {
  std::vector<Votes> own(arms_.size()), together(companies_.size());
  std::set<std::pair<size_t, std::string>> counted;
  std::vector<bool> complete(companies_.size(), true);
  for (const PlannedCell& cell : tuning_) {
    const PlannedArm& arm = arms_[cell.arm];
    if (arm.chosen) continue;
    if (!store.has(cell.id)) {
      complete[arm.company] = false;
      continue;
    }
    const double validation = store.read(cell.id).validation_accuracy;
    const double accuracy = std::isnan(validation) ? 0 : validation;
    own[cell.arm].add(cell.setting, accuracy);
    if (counted.emplace(arm.company, cell.id).second)
      together[arm.company].add(cell.setting, accuracy);
  }
  for (size_t c = 0; c < companies_.size(); ++c) {
    if (!complete[c] || together[c].empty()) continue;
    for (const size_t a : companies_[c]) arms_[a].validation = own[a].means();
    settle_together(companies_[c], together[c].means());
  }
}

Json SweepPlan::json(int64_t seeds) const {
  Json backbones = Json::array(), sources = Json::array(), arms = Json::array(),
       cells = Json::array(), few = Json::array(), budgets = Json::array();
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
    if (setting_.is_among_first(seeds, cell.cell.seed))
      cells.push_back({{"id", cell.id.empty() ? Json() : Json(cell.id)},
                       {"arm", cell.arm},
                       {"seed", cell.cell.seed},
                       {"backbone", setting_.backbone_of(cell.cell.seed)}});
  for (const ShortClass& one : setting_.short_classes)
    few.push_back({{"class", one.name}, {"images", one.images}});
  for (const Budget& budget : setting_.budgets)
    budgets.push_back({{"labels_per_class", budget.labels_per_class}, {"rule", budget.text()}});
  return {{"schema", 2},
          {"stages", setting_.model().stages},
          {"classes", setting_.classes},
          {"budgets", budgets},
          {"until_half_width", setting_.config.sweep.until_half_width},
          {"short_classes", few},
          {"chance", 1.0 / static_cast<double>(setting_.class_count())},
          {"test_images", setting_.test->size()},
          {"backbones", backbones},
          {"sources", sources},
          {"arms", arms},
          {"cells", cells}};
}

}  // namespace espalier::transfer
