#include "engine/backbone_file.h"

#include <torch/torch.h>

#include <nlohmann/json.hpp>

#include "core/files.h"
#include "core/hash.h"

namespace espalier::engine {
namespace {

namespace fs = std::filesystem;

void read_facts(const fs::path& path, BackboneFile& backbone) {
  try {
    const auto facts = nlohmann::json::parse(read_file(path));
    facts.at("sha256").get_to(backbone.sha256);
    facts.at("stages").get_to(backbone.stages);
    facts.at("normalisation").at("mean").get_to(backbone.mean);
    facts.at("normalisation").at("std").get_to(backbone.std);
    facts.at("evaluate").get_to(backbone.evaluate);
    facts.at("model").get_to(backbone.model_text);
    const auto& input = facts.at("input");
    backbone.input = {input.at(0), input.at(1), input.at(2)};
    backbone.task = facts.value("task", "");
    backbone.steps = facts.value("steps", int64_t{0});
    backbone.seed = facts.value("seed", int64_t{0});
  } catch (const nlohmann::json::exception& error) {
    throw Error(Kind::kData, "{} is not what pretrain writes: {}", path.string(), error.what());
  }
}

}  // namespace

BackboneFile BackboneFile::open(const fs::path& path) {
  const fs::path file = fs::is_directory(path) ? RunFolder{path}.backbone() : path;
  fs::path beside = file;
  beside.replace_extension(".json");
  for (const fs::path& wanted : {file, beside})
    check(fs::is_regular_file(wanted), Kind::kUsage,
          "there is no {} (try: --backbone RUN, a run of pretrain that has ended)",
          wanted.string());
  BackboneFile backbone;
  backbone.path = path.string();
  read_facts(beside, backbone);
  check(sha256_hex_of_file(file) == backbone.sha256, Kind::kData,
        "{} is not the file that {} describes: its SHA-256 is another", file.string(),
        beside.string());
  backbone.weights = tensor::read_safetensors(file);

  backbone.document = config::Document::parse(backbone.model_text, beside.string());
  backbone.model = model::ModelOptions::read(backbone.document);
  const auto made = backbone.make();
  check(made->stages() == backbone.stages, Kind::kData, "{} names other stages than {} has",
        beside.string(), backbone.model.name);
  load_state(*made, backbone.weights, file.string());
  return backbone;
}

void BackboneFile::write(const RunFolder& folder, model::Backbone& network) const {
  const std::string bytes = tensor::to_safetensors(state_of(network));
  write_file(folder.backbone(), bytes);
  const nlohmann::ordered_json json = {
      {"format_version", 1},
      {"stages", network.stages()},
      {"stage_shapes", model::stage_shapes(network, input)},
      {"input", {input.channels, input.height, input.width}},
      {"normalisation", {{"mean", mean}, {"std", std}}},
      {"evaluate", evaluate},
      {"model", model_text},
      {"task", task},
      {"steps", steps},
      {"seed", seed},
      {"data_hash", data_hash},
      {"classes", classes},
      {"parent", nlohmann::ordered_json::parse(parent.json())},
      {"teachers", nlohmann::ordered_json::parse(json_of(teachers))},
      {"sha256", sha256_hex(bytes)}};
  write_file(folder.backbone_facts(), json.dump(2) + "\n");
}

tensor::TensorMap stages_state(const model::Backbone& backbone, int64_t stages) {
  tensor::TensorMap state;
  for (const auto& [name, tensor] : state_of(backbone))
    if (model::stage_of(backbone, name) < stages) state[name] = tensor;
  return state;
}

std::string sha256_of(const tensor::TensorMap& tensors) {
  Sha256 hash;
  for (const auto& [name, tensor] : tensors) {
    const at::Tensor host = tensor.detach().cpu().contiguous();
    hash.update(name).update(host.const_data_ptr(), host.nbytes());
  }
  return hash.hex();
}

}  // namespace espalier::engine
