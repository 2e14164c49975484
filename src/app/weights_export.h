// A backbone as other libraries load it: a folder with its weights, a card (README.md) and a
// program of a few lines that loads them (load.py).
//
//   timm, huggingface  config.json, preprocessor_config.json and model.safetensors. Both
//                      timm.create_model("local-dir:DIR", pretrained=True) and
//                      transformers.AutoModel.from_pretrained(DIR) read it.
//   torchvision        backbone.pth, a state dict; strict once `fc` is an Identity
//   pth, safetensors   the state dict alone, of any backbone
//
// The three that name a library are for backbones that it has, with batch normalisation where it
// has that. A ResNet with the stem for small images is none of theirs as it stands: load.py of timm
// and torchvision changes the two layers, and huggingface is refused.
#pragma once

#include <filesystem>
#include <nlohmann/json.hpp>
#include <string>

#include "core/names.h"
#include "engine/backbone_file.h"

namespace espalier::app {

enum class Library { kTimm, kTorchvision, kHuggingface, kPth, kSafetensors };
constexpr auto names_of(Library) {
  using enum Library;
  return names<Library>({{kTimm, "timm"},
                         {kTorchvision, "torchvision"},
                         {kHuggingface, "huggingface"},
                         {kPth, "pth"},
                         {kSafetensors, "safetensors"}});
}

// student: the backbone that was trained; teacher: the one that followed it, or that it learnt from;
// projector: what stood on top of the student, the task's own.
enum class Part { kStudent, kTeacher, kProjector };
constexpr auto names_of(Part) {
  using enum Part;
  return names<Part>({{kStudent, "student"}, {kTeacher, "teacher"}, {kProjector, "projector"}});
}

// Writes `part` of the run in folder `run` into the new folder `out`. kUsage where the library has
// no such backbone, the task has no such part, or `out` is there and not empty.
void export_weights(const std::filesystem::path& run, Part part, Library library,
                    const std::filesystem::path& out);

// What Python needs to load a backbone. Undefined names where a library has no such backbone.
struct PublishedModel {
  std::string timm, torchvision;
  nlohmann::ordered_json model_args = nlohmann::ordered_json::object();  // of timm
  std::string pool = "avg";       // how timm pools: "avg", "token"
  std::string first, classifier;  // names of the first convolution and of the head
  // Lines that change `model`, so that its modules are those of the backbone.
  std::string changes;
};
PublishedModel published_model(const engine::BackboneFile& backbone);

// Texts of the folder. `facts` is backbone.json.
std::string model_card(const engine::BackboneFile& backbone, const nlohmann::json& facts, Part part,
                       Library library, const std::string& program);
std::string load_program(const engine::BackboneFile& backbone, const PublishedModel& model,
                         Library library, const std::string& file);

}  // namespace espalier::app
