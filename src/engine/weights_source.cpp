// Where given weights are, and what stands beside them.
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "config/document.h"
#include "core/files.h"
#include "core/hash.h"
#include "engine/given_weights.h"
#include "engine/run_folder.h"
#include "model/model_options.h"
#include "tensor/state_dict.h"

namespace espalier::engine {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

struct Source {
  fs::path file, facts;      // weights, and the .json that tells of them
  fs::path checkpoint = {};  // whose folder it is
};

Source find(const std::string& text) {
  const fs::path path = text;
  if (const auto named = run_at_step(text)) {
    const fs::path folder = named->checkpoint();
    check(fs::is_directory(folder), Kind::kUsage, "there is no checkpoint {}", folder.string());
    return {folder / "model.safetensors", {}, folder};
  }
  if (fs::is_directory(path)) {
    const RunFolder run{path};
    if (fs::exists(run.backbone())) return {run.backbone(), run.backbone_facts()};
    for (const char* name : {"model.safetensors", "pytorch_model.bin"})
      if (fs::exists(path / name)) return {path / name, path / "config.json"};
    throw Error(Kind::kUsage,
                "{} has no backbone.safetensors, as a run that has ended, and no model.safetensors "
                "(try: {}@STEP for a checkpoint of a run)",
                text, text);
  }
  check(fs::is_regular_file(path), Kind::kUsage, "there is no file, folder or checkpoint {}", text);
  fs::path beside = path;
  beside.replace_extension(".json");
  return {path, fs::exists(beside) ? beside : path.parent_path() / "config.json"};
}

// Nothing where the checkpoint is gone.
fs::path task_file_of(const fs::path& checkpoint) {
  const fs::path file = checkpoint / "task.safetensors";
  return fs::exists(file) ? file : fs::path();
}

// As pretrain writes it (backbone.json), or timm and Hugging Face (config.json). What is not there,
// or otherwise than expected, is not known.
void read_facts(const fs::path& path, GivenWeights& given) {
  Parent& parent = given.parent;
  if (!fs::exists(path)) return;
  const Json facts = Json::parse(read_file(path), nullptr, /*allow_exceptions=*/false);
  if (!facts.is_object()) return;
  const Json none = Json::object();
  const auto object = [&](const char* name) {
    return facts.contains(name) && facts[name].is_object() ? facts[name] : none;
  };
  for (const auto& [name, text] :
       {std::pair{"model", &given.model}, {"task", &given.task}, {"data_hash", &given.data_hash}})
    if (facts.contains(name) && facts[name].is_string()) facts[name].get_to(*text);
  if (!given.task.empty() && facts.contains("steps") && facts["steps"].is_number_integer())
    given.task_file = task_file_of(RunFolder{path.parent_path()}.checkpoints() /
                                   RunFolder::checkpoint_name(facts["steps"].get<int64_t>()));
  for (const Json& part :
       {object("normalisation"), object("pretrained_cfg"), object("parent"), facts}) {
    if (parent.mean.empty() && part.contains("mean") && part.contains("std") &&
        part["mean"].is_array() && part["std"].is_array()) {
      try {
        part["mean"].get_to(parent.mean);
        part["std"].get_to(parent.std);
      } catch (const Json::exception&) {
        parent.mean.clear();
      }
    }
    for (const char* name : {"licence", "license"})
      if (parent.licence.empty() && part.contains(name) && part[name].is_string())
        part[name].get_to(parent.licence);
  }
}

// What config.yaml and state.json of a checkpoint say.
void read_checkpoint(const fs::path& checkpoint, GivenWeights& given) {
  struct {
    std::vector<double> mean, std;
    Fields fields() { return {{"mean", &mean, {}}, {"std", &std, {}}}; }
  } augment;
  const auto document = config::Document::load(checkpoint / "config.yaml");
  document.fill("augment", augment.fields());
  given.parent.mean = augment.mean;
  given.parent.std = augment.std;
  model::ModelOptions model;
  model.name = document.peek("model", "name", model.name);
  given.model = model.text(document);
  given.task = document.peek("task", "name", "");
  given.task_file = task_file_of(checkpoint);
  const Json state = Json::parse(read_file(checkpoint / "state.json"), nullptr, false);
  if (state.is_object()) given.data_hash = state.value("data_hash", "");
}

// Names without what all of them begin with, as wrappers of Python leave it.
tensor::TensorMap without_prefix(tensor::TensorMap weights) {
  for (const std::string prefix : {"module.", "model.", "timm_model.", "backbone."}) {
    const bool everywhere = std::ranges::all_of(
        weights, [&](const auto& item) { return item.first.starts_with(prefix); });
    if (!everywhere || weights.empty()) continue;
    tensor::TensorMap shorter;
    for (const auto& [name, tensor] : weights) shorter[name.substr(prefix.size())] = tensor;
    weights = std::move(shorter);
  }
  return weights;
}

}  // namespace

std::string Parent::json() const {
  if (path.empty()) return "null";
  nlohmann::ordered_json facts = {{"path", path}, {"sha256", sha256}};
  if (!licence.empty()) facts["licence"] = licence;
  if (!task.empty()) facts["task"] = task;
  if (!mean.empty()) facts["normalisation"] = {{"mean", mean}, {"std", std}};
  return facts.dump();
}

std::string json_of(const std::vector<Parent>& parents) {
  auto list = nlohmann::ordered_json::array();
  for (const Parent& parent : parents) list.push_back(nlohmann::ordered_json::parse(parent.json()));
  return list.dump();
}

GivenWeights GivenWeights::look_at(const std::string& source) {
  GivenWeights given;
  given.parent.path = fs::absolute(source).lexically_normal().string();
  const Source found = find(source);
  if (found.checkpoint.empty())
    read_facts(found.facts, given);
  else
    read_checkpoint(found.checkpoint, given);
  return given;
}

GivenWeights GivenWeights::open(const std::string& source) {
  GivenWeights given = look_at(source);
  const Source found = find(source);
  given.parent.sha256 = sha256_hex_of_file(found.file);
  if (!found.checkpoint.empty()) {
    const std::string manifest = read_file(found.checkpoint / "MANIFEST");
    check(manifest.find(given.parent.sha256) != std::string::npos, Kind::kData,
          "{} is damaged: its SHA-256 is not the MANIFEST's", found.file.string());
  }
  given.weights = without_prefix(found.file.extension() == ".safetensors"
                                     ? tensor::read_safetensors(found.file)
                                     : tensor::read_state_dict(found.file));
  return given;
}

}  // namespace espalier::engine
