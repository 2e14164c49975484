#include "transfer/cell.h"

#include <torch/version.h>

#include <sstream>

#include "core/hash.h"
#include "core/random.h"
#include "engine/parameter_groups.h"
#include "tensor/instruction_set.h"
#include "transfer/head.h"

namespace espalier::transfer {
namespace {

std::shared_ptr<Head> head_of(const Arm& arm) {
  auto head = Registry<Head>::create(arm.head);
  head->set_cut(arm.cut);
  return head;
}

// "source x 0.1", "fresh x 1", "self at rest": of each stage that is computed.
std::vector<std::string> stage_texts(const Setting& setting, const Arm& arm, const Plan& plan) {
  const engine::KeptStages kept{plan.kept(arm.cut), arm.kept_lr_factor};
  const double decay = setting.config.optim.layer_decay;
  std::vector<std::string> texts;
  for (int64_t stage = 0; stage < depth_of(arm, setting.stage_count()); ++stage) {
    const auto i = static_cast<size_t>(stage);
    texts.push_back(
        name_of(plan.weights[i]) +
        (plan.trained[i] ? fmt::format(" x {}", kept.rate_factor(stage, "", decay)) : " at rest"));
  }
  return texts;
}

// Section `optim` without the rate, which is the cell's.
std::string optim_text(const config::Document& document) {
  std::istringstream lines(document.resolved_section("optim"));
  std::string line, text;
  while (std::getline(lines, line))
    if (!line.starts_with("  lr:")) text += line + "\n";
  return text;
}

void add_training(const Setting& setting, const Cell& cell, const Plan& plan,
                  nlohmann::json& spec) {
  const TransferConfig& config = setting.config;
  spec["optim"] = optim_text(config.document);
  spec["lr"] = cell.setting.lr;
  spec["steps"] = cell.setting.steps;
  spec["batch"] = config.sweep.batch;
  spec["head"] = head_of(cell.arm)->same_as(setting.stage_count()).value_or(cell.arm.head);
  spec["head_first"] = plan.head_first;
  spec["view"] = config.augment.pipelines(1)[0].text();
}

}  // namespace

int64_t depth_of(const Arm& arm, int64_t stages) {
  return arm.head.empty() ? arm.cut : head_of(arm)->depth(stages);
}

uint64_t cell_key(const Setting& setting, const Cell& cell) {
  return Draw(static_cast<uint64_t>(setting.config.seed), "transfer",
              {static_cast<uint64_t>(cell.seed)})
      .u64();
}

Cell base_of(const Cell& cell) {
  Cell base = cell;
  base.arm = {"", kScratch, 0, "suffix", 0, cell.arm.labels_per_class};
  base.base = true;
  return base;
}

nlohmann::json spec_of(const Setting& setting, const Cell& cell) {
  const TransferConfig& config = setting.config;
  const Arm& arm = cell.arm;
  const Plan plan = plan_of(arm.mode, arm.cut, setting.stage_count());
  const Source* source = setting.source(arm.source);
  const augment::AugmentOptions& augment = setting.augment(source);
  const image::ViewShape& input = setting.model().input;
  const bool divides = cell.fold || !plan.probe.empty();
  const bool tests = !cell.fold && !cell.base;
  nlohmann::json spec = {
      {"schema", 2},
      {"purpose", cell.base   ? "base"
                  : cell.fold ? "tuning"
                              : "test"},
      {"model", setting.model().model_text},
      {"input", {input.channels, input.height, input.width}},
      {"stages", stage_texts(setting, arm, plan)},
      {"source", source ? source->member(setting.backbone_of(cell.seed)).sha256 : ""},
      {"probe", plan.probe},
      {"classes", setting.class_count()},
      {"labels_per_class", arm.labels_per_class},
      {"root_seed", config.seed},
      {"seed", cell.seed},
      {"folds", divides ? setting.fold_count(arm.labels_per_class) : 0},
      {"train", setting.train.hash()},
      {"test", tests ? setting.test->hash() : ""},
      {"evaluate", augment.evaluation().text()},
      {"mean", augment.mean},
      {"std", augment.std},
      {"precision", "f32"},
      {"instruction_set", tensor::instruction_set()},
      {"libtorch", TORCH_VERSION}};
  if (cell.fold) spec["fold"] = *cell.fold;
  if (const auto rule = setting.budget(arm.labels_per_class).rule; !rule.empty())
    spec["labels"] = rule;
  if (plan.probe.empty()) add_training(setting, cell, plan, spec);
  return spec;
}

std::string id_of(const nlohmann::json& spec) { return sha256_hex(spec.dump()).substr(0, 16); }

}  // namespace espalier::transfer
