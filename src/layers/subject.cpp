#include "layers/subject.h"

#include <torch/torch.h>

#include <algorithm>

#include "data/selection.h"

namespace espalier::layers {
namespace {

at::Tensor rows(const data::Selection& selection) { return torch::tensor(selection, torch::kLong); }

}  // namespace

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
