#include "layers/shown.h"

#include <torch/torch.h>

#include <filesystem>

#include "core/cores.h"
#include "core/log.h"
#include "core/random.h"
#include "engine/view_shape.h"
#include "train/run_config.h"

namespace espalier::layers {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kBytes = 1'000'000'000;  // of images that are kept
constexpr uint64_t kViews = 4;
constexpr int64_t kViewImages = 500;

augment::AugmentOptions as_trained(const engine::BackboneFile& file) {
  augment::AugmentOptions augment;
  augment.mean = file.mean;
  augment.std = file.std;
  augment.evaluate = file.evaluate;
  return augment;
}

engine::Pass pass(const data::Dataset& set, const augment::AugmentOptions& augment,
                  const engine::BackboneFile& file) {
  return {set, augment, file.input, at::kFloat, c10::kCPU, /*batch=*/250, core_share().cores};
}

// Labels that nobody reads.
std::vector<int64_t> none(const data::Selection& selection) {
  return std::vector<int64_t>(selection.size());
}

// The pipeline of the task's first view, where the run still says what it was.
std::optional<augment::Pipeline> training_pipeline(const std::string& run) {
  const fs::path config = engine::RunFolder{folder_of_run(run)}.config();
  if (!fs::exists(config)) return {};
  try {
    const auto read = train::RunConfig::read(config::Document::load(config));
    return read.augment.pipelines(read.view_count()).front();
  } catch (const Error& error) {
    log::warning("layers", "views are not looked at: {}", error.what());
    return {};
  }
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

Shown::Shown(const data::Dataset& set, const engine::BackboneFile& file,
             const data::Selection& selection, uint64_t seed, const std::string& views_of)
    : set_(set), augment_(as_trained(file)) {
  engine::require_input(augment_.evaluation(), set_, file.input, "DATA");
  images_.emplace(pass(set_, augment_, file), selection, none(selection), kBytes);
  const auto pipeline = training_pipeline(views_of.empty() ? file.path : views_of);
  if (!pipeline) return;
  const data::Selection some = data::draw_some(selection, kViewImages, "layers.views", seed);
  for (uint64_t v = 0; v < kViews; ++v) {
    engine::Pass one = pass(set_, augment_, file);
    one.pipeline = pipeline;
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
