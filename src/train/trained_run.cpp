#include "train/trained_run.h"

#include "pretext/classifier.h"
#include "train/checkpoint.h"
#include "train/run_config.h"

namespace espalier::train {
namespace {

engine::OwnTestSet test_set_of(const RunConfig& config) {
  const bool holdout = config.data.holdout > 0;
  return {.folder = holdout ? config.data.shards : config.data.validation,
          .name = config.data.validation_name(),
          .holdout = config.data.holdout,
          .seed = config.seed};
}

}  // namespace

engine::TrainedModel open_trained_run(const engine::RunFolder& folder,
                                      std::optional<int64_t> step) {
  const RunConfig config = RunConfig::read(config::Document::load(folder.config()));
  const auto checkpoint = step ? load_checkpoint_of(folder, *step) : load_checkpoint(folder);
  const std::string path = folder.path.string();
  check(checkpoint.has_value(), Kind::kUsage,
        "{} holds no checkpoint{} (try: wait for its first one, or train.checkpoint_steps=100)",
        path, step ? fmt::format(" of step {}", *step) : "");
  const RunState& state = checkpoint->state;
  check(state.input.channels > 0, Kind::kUsage,
        "{} of {} does not say which classes it was trained on: an earlier version of espalier "
        "wrote it (try: train again)",
        checkpoint->name, path);
  engine::Network network = config.make_network(state.facts());
  engine::load_state(*network.backbone, checkpoint->model, "model.safetensors");
  engine::load_state(*network.task, checkpoint->task, "task.safetensors");
  network.train(false);
  engine::TrainedModel model{.path = path,
                             .backbone = network.backbone,
                             .last_cut = network.backbone->stage_count(),
                             .head = network.task,
                             .scores = {},
                             .input = state.input,
                             .augment = config.augment,
                             .step = state.step,
                             .data_hash = state.data_hash,
                             .test_set = test_set_of(config),
                             .init = config.model.init,
                             .view = config.augment.pipelines(config.view_count()).front()};
  if (auto* classifier = dynamic_cast<pretext::Classifier*>(network.task.get())) {
    model.classes = state.classes;
    model.scores = [network, classifier](const at::Tensor& x) {
      return classifier->predict(*network.backbone, x);
    };
  }
  return model;
}

}  // namespace espalier::train
