#include "transfer/fit/fit.h"

#include <cmath>

#include "core/log.h"

namespace espalier::transfer {
namespace {

bool is_asked(const Arm& arm, const FitChoice& choice) {
  return arm.mode == choice.mode && (arm.source.empty() || arm.source == choice.source);
}

}  // namespace

config::Document with_choice(config::Document document, const FitChoice& choice,
                             const engine::BackboneFile& backbone) {
  const auto stages = static_cast<int64_t>(backbone.stages.size());
  check(choice.cut <= stages, Kind::kUsage, "--cut is {}, the backbone has {} stages: {}",
        choice.cut, stages, fmt::join(backbone.stages, ", "));
  document.set(fmt::format("transfer.cuts=[{}]", choice.cut > 0 ? choice.cut : stages));
  document.set("transfer.modes=[" + choice.mode + "]");
  document.set("transfer.heads=[" + choice.head + "]");
  document.set(fmt::format("transfer.labels_per_class=[{}]", choice.labels_per_class));
  document.set("transfer.labels_total=[]");
  document.set("transfer.labels_percent=[]");
  return document;
}

Fit::Fit(TransferConfig config, const engine::BackboneFile& backbone, const FitChoice& choice)
    : setting_(std::move(config), {backbone}, /*tests=*/false) {
  for (const Arm& arm : setting_.arms())
    if (is_asked(arm, choice))
      for (const Hyperparameters& one : settings_of(setting_.config.sweep, arm))
        candidates_.push_back({.cell = {.arm = arm, .setting = one}});
  std::vector<std::string> sources;
  for (const Source& source : setting_.sources) sources.push_back(source.name);
  check(!candidates_.empty(), Kind::kUsage, "--source is {}, there are: {} (try: {})",
        choice.source, fmt::join(sources, ", "),
        "\"transfer.sources=[public=resnet18.pth]\" --source public");
  check(!candidates_[0].cell.arm.head.empty(), Kind::kUsage,
        "--mode {} solves a probe, which is measured and not kept (try: --mode frozen --head "
        "linear)",
        choice.mode);
}

void Fit::choose(const std::function<void(int64_t, int64_t)>& progress) {
  const int64_t folds = setting_.fold_count(candidates_[0].cell.arm.labels_per_class);
  const auto runs = folds * static_cast<int64_t>(candidates_.size());
  if (candidates_.size() == 1) return;
  chosen_ = folds == 0 ? candidates_.size() / 2 : 0;
  int64_t done = 0;
  for (size_t i = 0; i < candidates_.size() && folds > 0; ++i) {
    Candidate& candidate = candidates_[i];
    double sum = 0;
    for (int64_t fold = 0; fold < folds; ++fold) {
      Cell cell = candidate.cell;
      cell.fold = fold;
      const double accuracy = run_cell(setting_, cell).result.validation_accuracy;
      sum += std::isnan(accuracy) ? 0 : accuracy;
      progress(++done, runs);
    }
    candidate.validation = sum / static_cast<double>(folds);
    if (candidate.validation > candidates_[chosen_].validation) chosen_ = i;
    log::info("fit", "{}, lr {}, {} steps: {:.1f} % of held-out images", candidate.cell.arm.text(),
              candidate.cell.setting.lr, candidate.cell.setting.steps, 100 * candidate.validation);
  }
}

TrainedCell Fit::train(const std::function<void()>& at_step) const {
  TrainedCell trained = train_cell(setting_, chosen().cell, {.at_step = at_step});
  check(trained.output.result.status == Status::kDone, Kind::kUsage,
        "the loss is not finite after step {} (try: optim.lr={})", trained.output.result.steps,
        chosen().cell.setting.lr / 10);
  return trained;
}

}  // namespace espalier::transfer
