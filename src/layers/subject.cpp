#include "layers/subject.h"

#include <torch/torch.h>

#include <algorithm>

#include "data/selection.h"
#include "transfer/stage_weights.h"

namespace espalier::layers {
namespace {

namespace fs = std::filesystem;

at::Tensor rows(const data::Selection& selection) { return torch::tensor(selection, torch::kLong); }

}  // namespace

engine::BackboneFile open_backbone(const std::string& path) {
  if (fs::exists(path) || path.find('@') == std::string::npos)
    return engine::BackboneFile::open(path);
  auto file = engine::BackboneFile::open(folder_of_run(path));
  const auto given = engine::GivenWeights::open(path);
  const auto backbone = file.make();
  given.give(*backbone, file.input, /*stages=*/0);
  file.path = path;
  file.weights = engine::state_of(*backbone);
  return file;
}

fs::path folder_of_run(const std::string& path) {
  if (fs::exists(path))
    return fs::is_directory(path) ? fs::path(path) : fs::path(path).parent_path();
  return path.substr(0, path.rfind('@'));
}

std::shared_ptr<model::Backbone> trained(const engine::BackboneFile& file) {
  auto backbone = file.make();
  const torch::NoGradGuard no_grad;
  engine::load_state(*backbone, file.weights, file.path);
  backbone->eval();
  return backbone;
}

std::shared_ptr<model::Backbone> untrained(const engine::BackboneFile& file, uint64_t seed,
                                           const transfer::EvaluationSet& images) {
  auto backbone = file.make();
  const bool own = file.model.init == tensor::InitScheme::kAuto;
  tensor::initialise(*backbone, "backbone.", own ? backbone->own_init() : file.model.init, seed);
  const torch::NoGradGuard no_grad;
  backbone->weights_drawn();
  std::set<int64_t> stages;
  for (int64_t stage = 0; stage < backbone->stage_count(); ++stage) stages.insert(stage);
  transfer::recalibrate(*backbone, stages, images);
  backbone->eval();
  return backbone;
}

std::vector<at::Tensor> features_of(model::Backbone& backbone,
                                    const transfer::EvaluationSet& images) {
  std::vector<std::vector<at::Tensor>> parts(static_cast<size_t>(backbone.stage_count()));
  images.over([&](const at::Tensor& x, int64_t) {
    model::Features features{x};
    for (int64_t stage = 0; stage < backbone.stage_count(); ++stage) {
      features = backbone.forward(features, stage, stage + 1);
      parts[static_cast<size_t>(stage)].push_back(
          backbone.pooled(features.values).to(torch::kFloat));
    }
  });
  std::vector<at::Tensor> all;
  for (const auto& part : parts) all.push_back(torch::cat(part));
  return all;
}

std::optional<Labels> labels_of(const std::vector<int64_t>& classes, int64_t class_count,
                                uint64_t seed) {
  constexpr int64_t kFewest = 10;
  std::vector<int64_t> count(static_cast<size_t>(class_count));
  data::Selection known;
  for (size_t i = 0; i < classes.size(); ++i)
    if (classes[i] >= 0) ++count[static_cast<size_t>(classes[i])];
  if (std::ranges::count_if(count, [&](int64_t n) { return n >= kFewest; }) < 2) return {};
  for (size_t i = 0; i < classes.size(); ++i)
    if (classes[i] >= 0 && count[static_cast<size_t>(classes[i])] >= kFewest)
      known.push_back(static_cast<int64_t>(i));
  const data::Split test = data::split(classes, known, 0.2, seed);
  const data::Split choice = data::split(classes, test.kept, 0.25, seed + 1);
  return Labels{torch::tensor(classes, torch::kLong), class_count, rows(choice.kept),
                rows(choice.held_out), rows(test.held_out)};
}

}  // namespace espalier::layers
