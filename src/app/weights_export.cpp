#include "app/weights_export.h"

#include <fmt/ranges.h>

#include "core/files.h"
#include "core/hash.h"
#include "core/log.h"
#include "engine/run_folder.h"
#include "tensor/state_dict.h"
#include "train/checkpoint.h"

namespace espalier::app {
namespace {

namespace fs = std::filesystem;
using Json = nlohmann::ordered_json;

// The state of the run's task, which its last checkpoint has.
tensor::TensorMap task_of(const fs::path& run, Part part) {
  const auto checkpoint = train::load_checkpoint(engine::RunFolder{run});
  check(checkpoint.has_value(), Kind::kUsage,
        "{} has no checkpoint, and the {} is in there (try: --part student)", run.string(), part);
  return checkpoint->task;
}

// A teacher is a part of the task's state that has all names of the backbone, behind a prefix.
tensor::TensorMap teacher_of(const fs::path& run, const tensor::TensorMap& backbone) {
  const tensor::TensorMap task = task_of(run, Part::kTeacher);
  const std::string& first = backbone.begin()->first;
  for (const auto& [name, tensor] : task) {
    if (!name.ends_with("." + first)) continue;
    const std::string prefix = name.substr(0, name.size() - first.size());
    tensor::TensorMap teacher;
    for (const auto& [own, weight] : backbone) {
      const auto found = task.find(prefix + own);
      if (found == task.end() || found->second.sizes() != weight.sizes()) break;
      teacher[own] = found->second;
    }
    if (teacher.size() == backbone.size()) return teacher;
  }
  throw Error(Kind::kUsage, "the task of {} has no teacher of the same kind (try: --part student)",
              run.string());
}

// What a task calls "projector", or in the family of DINO "head": its tensors, without that name.
tensor::TensorMap projector_of(const fs::path& run) {
  const tensor::TensorMap task = task_of(run, Part::kProjector);
  for (const std::string prefix : {"projector.", "head."}) {
    tensor::TensorMap projector;
    for (const auto& [name, tensor] : task)
      if (name.starts_with(prefix)) projector[name.substr(prefix.size())] = tensor;
    if (!projector.empty()) return projector;
  }
  throw Error(Kind::kUsage, "the task of {} has no projector (try: --part student)", run.string());
}

std::string weights_file(Part part, Library library) {
  const bool python = library == Library::kPth || library == Library::kTorchvision;
  if (part == Part::kProjector) return python ? "projector.pth" : "projector.safetensors";
  return python ? "backbone.pth" : "model.safetensors";
}

// Numbers of any precision as the f32 that libraries expect; counters stay.
tensor::TensorMap in_f32(const tensor::TensorMap& weights) {
  tensor::TensorMap plain;
  for (const auto& [name, tensor] : weights)
    plain[name] = tensor.is_floating_point() ? tensor.to(at::kFloat) : tensor;
  return plain;
}

Json timm_config(const engine::BackboneFile& backbone, const PublishedModel& model,
                 const Json& shape) {
  const image::ViewShape& input = backbone.input;
  Json config = {{"architecture", model.timm},
                 {"num_classes", 0},
                 {"num_features", shape},
                 {"global_pool", model.pool}};
  if (!model.model_args.empty()) config["model_args"] = model.model_args;
  config["pretrained_cfg"] = {{"custom_load", false},
                              {"input_size", {input.channels, input.height, input.width}},
                              {"fixed_input_size", model.model_args.contains("img_size")},
                              {"interpolation", "bilinear"},
                              {"crop_pct", 1.0},
                              {"mean", backbone.mean},
                              {"std", backbone.std},
                              {"num_classes", 0},
                              {"first_conv", model.first},
                              {"classifier", model.classifier},
                              {"license", "unknown"}};
  // timm adapts the first convolution of weights for three channels; these are as they have to be.
  if (input.channels != 3) config["pretrained_cfg"]["first_conv"] = nullptr;
  return config;
}

void require_fit(const engine::BackboneFile& backbone, const PublishedModel& model, Part part,
                 Library library) {
  if (library == Library::kPth || library == Library::kSafetensors) return;
  check(part != Part::kProjector, Kind::kUsage,
        "no library has the projector of a task (try: --format pth or safetensors)");
  const bool torchvision = library == Library::kTorchvision;
  check(!(torchvision ? model.torchvision : model.timm).empty(), Kind::kUsage,
        "{} has no {} with the options of this run: {} (try: --format safetensors)",
        torchvision ? "torchvision" : "timm", backbone.model.name, backbone.model_text);
  check(library != Library::kHuggingface || model.changes.empty(), Kind::kUsage,
        "Hugging Face's loader has no ResNet with the stem for small images (try: --format timm, "
        "whose load.py changes two layers, or model.stem=imagenet in a new run)");
}

}  // namespace

void export_weights(const fs::path& run, Part part, Library library, const fs::path& out) {
  engine::BackboneFile backbone = engine::BackboneFile::open(run);
  fs::path facts_file = fs::is_directory(run) ? engine::RunFolder{run}.backbone_facts() : run;
  facts_file.replace_extension(".json");
  const auto facts = nlohmann::json::parse(read_file(facts_file));
  const PublishedModel model = published_model(backbone);
  require_fit(backbone, model, part, library);
  check(!fs::exists(out) || (fs::is_directory(out) && fs::is_empty(out)), Kind::kUsage,
        "{} is there and not an empty folder (try: another --out)", out.string());
  if (part == Part::kTeacher) backbone.weights = teacher_of(run, backbone.weights);
  if (part == Part::kProjector) backbone.weights = projector_of(run);
  const tensor::TensorMap weights = in_f32(backbone.weights);

  make_directories(out);
  const std::string file = weights_file(part, library);
  write_file(out / file, file.ends_with(".pth")
                             ? tensor::to_state_dict(weights)
                             : tensor::to_safetensors(weights, {{"format", "pt"}}));
  if (library == Library::kTimm || library == Library::kHuggingface) {
    Json config = timm_config(backbone, model, facts.at("stage_shapes").back().front());
    if (facts.contains("parent") && facts["parent"].is_object() &&
        facts["parent"].contains("licence"))
      config["pretrained_cfg"]["license"] = facts["parent"]["licence"];
    write_file(out / "config.json", config.dump(2) + "\n");
    const Json processor = {{"image_processor_type", "TimmWrapperImageProcessor"},
                            {"architecture", config["architecture"]},
                            {"pretrained_cfg", config["pretrained_cfg"]}};
    write_file(out / "preprocessor_config.json", processor.dump(2) + "\n");
  }
  const std::string program = load_program(backbone, model, library, file);
  write_file(out / "load.py", program);
  write_file(out / "README.md", model_card(backbone, facts, part, library, program));
}

std::string model_card(const engine::BackboneFile& backbone, const nlohmann::json& facts, Part part,
                       Library library, const std::string& program) {
  const auto text = [&](const char* name) {
    return facts.contains(name)
               ? facts[name].is_string() ? facts[name].get<std::string>() : facts[name].dump()
               : std::string("unknown");
  };
  std::string parent = "none, the weights were drawn", licence = "unknown", teachers;
  if (facts.contains("parent") && facts["parent"].is_object()) {
    parent = fmt::format("{}, SHA-256 {}", facts["parent"].value("path", ""),
                         facts["parent"].value("sha256", ""));
    licence = facts["parent"].value("licence", licence);
  }
  for (const auto& teacher : facts.value("teachers", nlohmann::json::array()))
    teachers += fmt::format("| learnt the features of | {}, SHA-256 {}, licence {} |\n",
                            teacher.value("path", ""), teacher.value("sha256", ""),
                            teacher.value("licence", "unknown"));
  const image::ViewShape& input = backbone.input;
  std::string card = fmt::format(
      "# {0}, pretrained by {1}\n\n"
      "| | |\n|---|---|\n"
      "| method | {1}, {2} steps, seed {3} |\n"
      "| part | {4} |\n"
      "| data | SHA-256 of the set {5} |\n"
      "| began with | {6} |\n"
      "| licence of what it began with | {7} |\n"
      "{14}"
      "| input | {8} x {9} x {10}, values from 0 to 1, then normalised |\n"
      "| mean, std | [{11}], [{12}] |\n"
      "| images were prepared by | `{13}` |\n\n",
      backbone.model.name, text("task"), text("steps"), text("seed"), part, text("data_hash"),
      parent, licence, input.channels, input.height, input.width, fmt::join(backbone.mean, ", "),
      fmt::join(backbone.std, ", "), backbone.evaluate, teachers);
  card += fmt::format(
      "Options of the backbone:\n\n```yaml\n{}```\n\nHow it is loaded (load.py):\n\n"
      "```python\n{}```\n",
      backbone.model_text, program);
  if (library == Library::kTorchvision || library == Library::kTimm)
    card +=
        "\nIt has no classifier. Where the program changes layers, the backbone has the stem for "
        "small images, or another number of channels, which the library's own model has not.\n";
  return card;
}

}  // namespace espalier::app
