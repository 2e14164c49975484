#include "layers/shown.h"

#include <torch/torch.h>

#include "core/cores.h"
#include "core/random.h"
#include "engine/view_shape.h"

namespace espalier::layers {
namespace {

constexpr int64_t kBytes = 1'000'000'000;  // of images that are kept
constexpr uint64_t kViews = 4;
constexpr int64_t kViewImages = 500;

engine::Pass pass(const data::Dataset& set, const augment::AugmentOptions& augment,
                  const engine::TrainedModel& model) {
  return {set, augment, model.input, at::kFloat, c10::kCPU, /*batch=*/250, core_share().cores};
}

// Labels that nobody reads.
std::vector<int64_t> none(const data::Selection& selection) {
  return std::vector<int64_t>(selection.size());
}

}  // namespace

data::Selection images_to_look_at(const data::Dataset& set, int64_t count, uint64_t seed) {
  const data::Selection labelled = data::labelled(set.labels());
  data::Selection selection =
      data::draw_some(labelled.empty() ? data::all(set.size()) : labelled, count, "layers", seed);
  check(selection.size() >= 2, Kind::kUsage,
        "DATA holds {} images to look at (try: a set with more)", selection.size());
  return selection;
}

Shown::Shown(const data::Dataset& set, const engine::TrainedModel& model,
             const data::Selection& selection, uint64_t seed,
             const std::optional<augment::Pipeline>& view)
    : set_(set), augment_(model.augment) {
  engine::require_input(augment_.evaluation(), set_, model.input, "DATA");
  images_.emplace(pass(set_, augment_, model), selection, none(selection), kBytes);
  if (!view) return;
  const data::Selection some = data::draw_some(selection, kViewImages, "layers.views", seed);
  for (uint64_t v = 0; v < kViews; ++v) {
    engine::Pass one = pass(set_, augment_, model);
    one.pipeline = view;
    one.seed = Draw(seed, "layers.views", {v}).u64();
    views_.emplace_back(one, some, none(some), kBytes);
  }
}

void Shown::look(Subject& subject) const {
  subject.features = features_of(*subject.backbone, *images_);
  if (views_.empty()) return;
  std::vector<std::vector<at::Tensor>> stages(subject.features.size());
  for (const transfer::EvaluationSet& view : views_) {
    const auto features = features_of(*subject.backbone, view);
    for (size_t stage = 0; stage < features.size(); ++stage)
      stages[stage].push_back(features[stage]);
  }
  subject.views.clear();
  for (const auto& views : stages) subject.views.push_back(torch::stack(views));
}

}  // namespace espalier::layers
