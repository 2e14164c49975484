#include "app/model_argument.h"

#include <filesystem>

#include "engine/view_shape.h"
#include "shards/index.h"
#include "train/trained_run.h"
#include "transfer/fit/fitted_model.h"

namespace espalier::app {
namespace {

namespace fs = std::filesystem;

engine::TrainedModel open_folder(const std::string& path) {
  const engine::RunFolder run{path};
  if (fs::exists(run.checkpoints())) return train::open_trained_run(run);
  if (fs::exists(transfer::fit_facts(run))) return transfer::open_fitted(run);
  if (fs::exists(run.backbone()))
    return engine::TrainedModel::of(engine::BackboneFile::open(path), path);
  check(!fs::exists(run.path / "plan.json"), Kind::kUsage,
        "{} is a sweep, whose cells keep no weights (try: espalier fit CONFIG.yaml --backbone RUN "
        "--out DIR, which trains one arm and keeps it)",
        path);
  check(!fs::exists(run.path / shards::kIndexName), Kind::kUsage,
        "{} is a packed set, and the first argument is a network (try: a run folder before it)",
        path);
  check(!fs::exists(run.config()), Kind::kUsage,
        "{} is a run without a checkpoint so far (try: train.checkpoint_steps=100, or wait)", path);
  throw Error(Kind::kUsage,
              "{} holds no network (try: the --out of pretrain or fit; espalier runs {} lists what "
              "is there)",
              path, path);
}

}  // namespace

void ModelArgument::declare(CLI::App& command) {
  command
      .add_option("run", path_,
                  "folder of a run of pretrain or fit, RUN@STEP for a checkpoint of pretrain, or a "
                  "backbone: a .safetensors file with its .json beside it")
      ->required()
      ->type_name("RUN");
  command
      .add_option("--evaluate", evaluate_,
                  "ops that images go through, instead of the network's own augment.evaluate: for "
                  "images of another size, for example \"resize(32, 32)\"")
      ->type_name("OPS");
}

engine::TrainedModel open_model(const std::string& path) {
  if (const auto named = engine::run_at_step(path)) {
    engine::TrainedModel model = train::open_trained_run(named->run, named->step);
    model.path = path;
    return model;
  }
  check(fs::exists(path), Kind::kUsage,
        "there is no {} (try: the --out of pretrain or fit; espalier runs . lists runs)", path);
  if (fs::is_directory(path)) return open_folder(path);
  return engine::TrainedModel::of(engine::BackboneFile::open(path), path);
}

engine::TrainedModel ModelArgument::open() const {
  engine::TrainedModel model = open_model(path_);
  if (evaluate_) model.augment.evaluate = *evaluate_;
  return model;
}

void add_cut_option(CLI::App& command, int64_t& cut) {
  command
      .add_option("--cut", cut,
                  "features after so many stages (espalier summary RUN names them); default: all")
      ->check(CLI::Range(int64_t{1}, int64_t{1000}));
}

int64_t settle_cut(int64_t given, const engine::TrainedModel& model) {
  std::vector<std::string> stages = model.backbone->stages();
  stages.resize(static_cast<size_t>(model.last_cut));
  check(given <= model.last_cut, Kind::kUsage, "--cut is {}, {} has {} stages: {}", given,
        model.path, model.last_cut, fmt::join(stages, ", "));
  return given > 0 ? given : model.last_cut;
}

data::Dataset open_images(const std::string& folder, const engine::TrainedModel& model) {
  const auto set = data::Dataset::open(folder);
  check(set.size() > 0, Kind::kUsage, "{} holds no images", folder);
  engine::require_input(model.evaluation(), set, model.input, folder);
  return set;
}

}  // namespace espalier::app
