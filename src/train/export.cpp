#include "train/export.h"

#include <nlohmann/json.hpp>

#include "core/files.h"
#include "core/hash.h"
#include "core/log.h"
#include "train/provenance.h"

namespace espalier::train {

void export_backbone(const RunFolder& folder, const RunConfig& config, const Network& network,
                     const ExportFacts& facts) {
  const std::string bytes = tensor::to_safetensors(state_of(*network.backbone));
  write_file(folder.backbone(), bytes);
  const nlohmann::ordered_json json = {
      {"format_version", 1},
      {"stages", network.backbone->stages()},
      {"stage_shapes", model::stage_shapes(*network.backbone, facts.input)},
      {"input", {facts.input.channels, facts.input.height, facts.input.width}},
      {"normalisation", {{"mean", config.augment.mean}, {"std", config.augment.std}}},
      {"evaluate", config.augment.evaluation().text()},
      {"model", config.document.resolved_section("model")},
      {"task", config.task},
      {"steps", facts.steps},
      {"seed", config.seed},
      {"data_hash", facts.data_hash},
      {"classes", facts.classes},
      {"sha256", sha256_hex(bytes)}};
  write_file(folder.backbone_facts(), json.dump(2) + "\n");
  log::info("pretrain", "backbone after {} steps: {}", facts.steps, folder.backbone().string());
}

void write_provenance(const RunFolder& folder, const RunConfig& config, const RunFacts& facts) {
  nlohmann::ordered_json json = host_facts();
  json["ranks"] = facts.ranks;
  json["lanes"] = facts.lanes;
  json["mode"] = config.parallel.mode;
  json["command"] = facts.command;
  json["seconds"] = facts.seconds;
  json["data_hash"] = facts.data_hash;
  json["config_hash"] = config.document.identity_hash();
  write_file(folder.provenance(), json.dump(2) + "\n");
}

}  // namespace espalier::train
