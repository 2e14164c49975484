// Where given weights are, and what stands beside them.
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <optional>

#include "config/document.h"
#include "core/files.h"
#include "core/hash.h"
#include "engine/given_weights.h"
#include "engine/run_folder.h"
#include "tensor/state_dict.h"

namespace espalier::engine {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::json;

struct Source {
  fs::path file, facts;  // weights, and the .json that tells of them
};

// RUN@STEP, where such a folder of a checkpoint is there.
std::optional<fs::path> checkpoint_of(const std::string& text) {
  const size_t at = text.rfind('@');
  if (at == std::string::npos || at + 1 == text.size() || text.size() - at > 12) return {};
  const std::string digits = text.substr(at + 1);
  if (!std::ranges::all_of(digits, [](char c) { return c >= '0' && c <= '9'; })) return {};
  const RunFolder run{text.substr(0, at)};
  const fs::path folder = run.checkpoints() / RunFolder::checkpoint_name(std::stoll(digits));
  check(fs::is_directory(folder), Kind::kUsage, "there is no checkpoint {}", folder.string());
  return folder;
}

Source find(const std::string& text) {
  const fs::path path = text;
  if (fs::is_directory(path)) {
    const RunFolder run{path};
    if (fs::exists(run.backbone())) return {run.backbone(), run.backbone_facts()};
    for (const char* name : {"model.safetensors", "pytorch_model.bin"})
      if (fs::exists(path / name)) return {path / name, path / "config.json"};
    throw Error(Kind::kUsage,
                "{} has no backbone.safetensors, as a run that has ended, and no model.safetensors "
                "(try: model.weights={}@STEP for a checkpoint of a run)",
                text, text);
  }
  check(fs::is_regular_file(path), Kind::kUsage,
        "model.weights is {}, and there is no such file, folder or checkpoint", text);
  fs::path beside = path;
  beside.replace_extension(".json");
  return {path, fs::exists(beside) ? beside : path.parent_path() / "config.json"};
}

// As pretrain writes it (backbone.json), or timm and Hugging Face (config.json). What is not there,
// or otherwise than expected, is not known.
void read_facts(const fs::path& path, Parent& parent) {
  if (!fs::exists(path)) return;
  const Json facts = Json::parse(read_file(path), nullptr, /*allow_exceptions=*/false);
  if (!facts.is_object()) return;
  const Json none = Json::object();
  const auto object = [&](const char* name) {
    return facts.contains(name) && facts[name].is_object() ? facts[name] : none;
  };
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

// The normalisation in the config.yaml of a checkpoint.
void read_config(const fs::path& path, Parent& parent) {
  struct {
    std::vector<double> mean, std;
    Fields fields() { return {{"mean", &mean, {}}, {"std", &std, {}}}; }
  } augment;
  const auto document = config::Document::load(path);
  document.fill("augment", augment.fields());
  parent.mean = augment.mean;
  parent.std = augment.std;
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
  if (!mean.empty()) facts["normalisation"] = {{"mean", mean}, {"std", std}};
  return facts.dump();
}

GivenWeights GivenWeights::open(const std::string& source) {
  GivenWeights given;
  const auto checkpoint = fs::exists(source) ? std::nullopt : checkpoint_of(source);
  const Source found = checkpoint ? Source{*checkpoint / "model.safetensors", {}} : find(source);
  given.parent.path = fs::absolute(source).lexically_normal().string();
  given.parent.sha256 = sha256_hex_of_file(found.file);
  if (checkpoint) {
    const std::string manifest = read_file(*checkpoint / "MANIFEST");
    check(manifest.find(given.parent.sha256) != std::string::npos, Kind::kData,
          "{} is damaged: its SHA-256 is not the MANIFEST's", found.file.string());
    read_config(*checkpoint / "config.yaml", given.parent);
  } else {
    read_facts(found.facts, given.parent);
  }
  given.weights = without_prefix(found.file.extension() == ".safetensors"
                                     ? tensor::read_safetensors(found.file)
                                     : tensor::read_state_dict(found.file));
  return given;
}

}  // namespace espalier::engine
