#include "transfer/fit/fitted_model.h"

#include <torch/torch.h>

#include "core/files.h"
#include "core/hash.h"
#include "core/jsonl.h"
#include "engine/provenance.h"
#include "transfer/head.h"

namespace espalier::transfer {
namespace {

namespace fs = std::filesystem;

constexpr int kFormatVersion = 1;

fs::path head_file(const engine::RunFolder& folder) { return folder.path / "head.safetensors"; }

Json facts_of(const Fit& fit) {
  const auto& [cell, validation] = fit.chosen();
  const Setting& setting = fit.setting();
  const Arm& arm = cell.arm;
  return {{"format_version", kFormatVersion},
          {"mode", arm.mode},
          {"source", arm.source},
          {"kept_lr_factor", arm.kept_lr_factor},
          {"head", arm.head},
          {"cut", arm.cut},
          {"labels_per_class", arm.labels_per_class},
          {"lr", cell.setting.lr},
          {"steps", cell.setting.steps},
          {"validation", std::isnan(validation) ? Json() : Json(validation)},
          {"classes", setting.classes},
          {"data_hash", setting.train.hash()},
          {"test", setting.config.data.test}};
}

// What the network begins with; null where with nothing.
const Member* member_of(const Fit& fit) {
  const Source* source = fit.setting().source(fit.chosen().cell.arm.source);
  return source == nullptr ? nullptr : &source->member(0);
}

// Of the trained network; a stage above its depth is as in the weights that it begins with.
void write_backbone(const engine::RunFolder& folder, const Fit& fit,
                    const engine::Network& network) {
  const Setting& setting = fit.setting();
  const Cell& cell = fit.chosen().cell;
  const Member* member = member_of(fit);
  const auto& head = dynamic_cast<const Head&>(*network.task);
  for (auto& [name, tensor] : engine::state_of(*network.backbone))
    if (member && model::stage_of(*network.backbone, name) >= head.depth(setting.stage_count()))
      at::Tensor(tensor).copy_(member->weights.at(name));
  engine::BackboneFile file = setting.model();
  const augment::AugmentOptions& augment = setting.augment(setting.source(cell.arm.source));
  file.mean = augment.mean;
  file.std = augment.std;
  file.evaluate = augment.evaluation().text();
  file.task = "fit";
  file.data_hash = setting.train.hash();
  file.steps = cell.setting.steps;
  file.seed = setting.config.seed;
  file.classes = setting.classes;
  file.parent = {};
  if (member) file.parent = {.path = member->path, .sha256 = member->sha256};
  file.write(folder, *network.backbone);
}

}  // namespace

fs::path fit_facts(const engine::RunFolder& folder) { return folder.path / "fit.json"; }

void begin_fitted(const engine::RunFolder& folder, const Fit& fit) {
  write_file(folder.config(), fit.setting().config.document.resolved());
  write_file(fit_facts(folder), facts_of(fit).dump(2) + "\n");
}

void write_fitted(const engine::RunFolder& folder, const Fit& fit, const TrainedCell& trained,
                  const std::string& command) {
  write_backbone(folder, fit, trained.network);
  write_file(folder.path / "curve.csv", trained.output.curve);
  Json provenance = engine::host_facts();
  provenance["command"] = command;
  provenance["seconds"] = trained.output.result.seconds;
  provenance["data_hash"] = fit.setting().train.hash();
  write_file(folder.provenance(), provenance.dump(2) + "\n");
  const std::string head = tensor::to_safetensors(engine::state_of(*trained.network.task));
  Json facts = facts_of(fit);
  facts["head_sha256"] = sha256_hex(head);
  write_file(fit_facts(folder), facts.dump(2) + "\n");
  write_file(head_file(folder), head);
}

engine::TrainedModel open_fitted(const engine::RunFolder& folder) {
  const std::string path = folder.path.string();
  check(fs::exists(head_file(folder)), Kind::kUsage,
        "{} has not ended: there is no head.safetensors (try: the same espalier fit again, into "
        "another --out)",
        path);
  const auto file = engine::BackboneFile::open(folder.path);
  engine::TrainedModel model = engine::TrainedModel::of(file, path);
  try {
    const Json facts = Json::parse(read_file(fit_facts(folder)));
    check(facts.at("head_sha256") == sha256_hex_of_file(head_file(folder)), Kind::kData,
          "{} is not the file that fit.json describes: its SHA-256 is another",
          head_file(folder).string());
    facts.at("classes").get_to(model.classes);
    facts.at("data_hash").get_to(model.data_hash);
    facts.at("steps").get_to(model.step);
    model.test_set = {.folder = facts.at("test"), .name = "data.test"};
    const auto head = Registry<Head>::create(facts.at("head"));
    const int64_t cut = facts.at("cut"), stages = model.backbone->stage_count();
    head->set_cut(cut > 0 ? cut : stages);
    engine::Network network = engine::build_network(
        [&] { return file.make(); }, head,
        {.input = file.input, .classes = static_cast<int64_t>(model.classes.size())});
    engine::load_state(*head, tensor::read_safetensors(head_file(folder)),
                       head_file(folder).string());
    network.backbone = model.backbone;
    network.train(false);
    model.head = head;
    model.last_cut = head->depth(stages);
    model.scores = [network, head](const at::Tensor& x) {
      return head->predict(*network.backbone, x);
    };
  } catch (const nlohmann::json::exception& error) {
    throw Error(Kind::kData, "{} is not what fit writes: {}", fit_facts(folder).string(),
                error.what());
  }
  return model;
}

}  // namespace espalier::transfer
