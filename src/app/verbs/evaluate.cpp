// evaluate: loss and accuracy of a supervised run on a packed set.
#include <nlohmann/json.hpp>

#include "app/verb.h"
#include "data/classes.h"
#include "engine/evaluate.h"
#include "engine/view_shape.h"
#include "pretext/classifier.h"
#include "train/checkpoint.h"
#include "train/run_config.h"

namespace espalier::app {
namespace {

// Images of one class, and how many of them were predicted right.
struct ClassScore {
  std::string name;
  int64_t images = 0, right = 0;

  double accuracy() const { return static_cast<double>(right) / static_cast<double>(images); }
};

// What is scored.
struct Scored {
  data::Dataset set;
  data::Selection samples;
  std::string name;  // for messages
};

class Evaluate : public Verb {
 public:
  void declare(CLI::App& command) override {
    command.add_option("run", run_, "folder of a run whose task predicts the classes of the data")
        ->required();
    command.add_option(
        "--data", data_,
        "packed set to measure on; default: data.validation of the run, or the part of "
        "data.shards that data.holdout kept back");
    command.add_flag("--json", json_, "print the scores as JSON");
    command.footer("Example:\n  espalier evaluate runs/cifar10_cnn --data data/cifar10/test");
  }

  int run(Context&) override {
    const engine::RunFolder folder{run_};
    const train::RunConfig config = train::RunConfig::read(config::Document::load(folder.config()));
    const auto checkpoint = train::load_checkpoint(folder);
    check(checkpoint.has_value(), Kind::kUsage, "{} holds no checkpoint", run_);
    const train::RunState& state = checkpoint->state;
    check(state.input.channels > 0, Kind::kUsage,
          "{} of {} does not say which classes it was trained on: an earlier version of espalier "
          "wrote it (try: train again)",
          checkpoint->name, run_);
    engine::Network network = config.make_network(state.facts());
    auto* classifier = dynamic_cast<pretext::Classifier*>(network.task.get());
    check(classifier != nullptr, Kind::kUsage, "task {} does not predict the data's classes",
          config.task);
    engine::load_state(*network.backbone, checkpoint->model, "model.safetensors");
    engine::load_state(*network.task, checkpoint->task, "task.safetensors");
    const Scored scored = open(config, state);
    engine::require_input(config.augment.evaluation(), scored.set, state.input, scored.name);
    data::require_labels(scored.set, scored.name);
    const auto labels = data::labels_by_name(scored.set, state.classes, scored.name);
    const engine::EvaluationMode mode(network);
    const engine::Pass pass{scored.set, config.augment, state.input, at::kFloat, c10::kCPU};
    const engine::Scores scores = engine::score(
        pass, scored.samples, labels,
        [&](const at::Tensor& x) { return classifier->predict(*network.backbone, x); });
    print(scores, by_class(scores, scored.samples, labels, state.classes), state.step);
    return 0;
  }

 private:
  // The set on the command line, or the one that the run's hooks measured on.
  Scored open(const train::RunConfig& config, const train::RunState& state) const {
    if (!data_.empty()) {
      return whole(data::Dataset::open(data_), fmt::format("--data ({})", data_), state);
    }
    const std::string name = config.data.validation_name();
    check(!name.empty(), Kind::kUsage,
          "there is neither data.validation nor data.holdout in {} (try: --data FOLDER)",
          engine::RunFolder{run_}.config().string());
    const bool holdout = config.data.holdout > 0;
    const std::string folder = holdout ? config.data.shards : config.data.validation;
    check(std::filesystem::exists(folder), Kind::kUsage,
          "{} has been measured on {}, and there is no {} here (try: --data FOLDER, where the "
          "packed set now is)",
          run_, name, folder);
    const auto set = data::Dataset::open(folder);
    if (!holdout) return whole(set, name, state);
    check(set.hash() == state.data_hash, Kind::kUsage,
          "{} no longer holds the set that {} was trained on, so the part that was kept back is "
          "not known (try: --data FOLDER)",
          folder, run_);
    return {set, config.parts(set).held_out, name};
  }

  // Every image of a set, which is not the one trained on.
  static Scored whole(const data::Dataset& set, const std::string& name,
                      const train::RunState& state) {
    check(set.hash() != state.data_hash, Kind::kUsage,
          "{} is the set that the run was trained on, and a score on it does not hold for other "
          "images (try: --data FOLDER with other images, or a run with data.holdout=0.1)",
          name);
    return {set, data::all(set.size()), name};
  }

  static std::vector<ClassScore> by_class(const engine::Scores& scores,
                                          const data::Selection& samples,
                                          const std::vector<int64_t>& labels,
                                          const std::vector<std::string>& names) {
    std::vector<ClassScore> classes;
    for (const std::string& name : names) classes.push_back({name});
    for (size_t i = 0; i < samples.size(); ++i) {
      const int64_t label = labels[static_cast<size_t>(samples[i])];
      ClassScore& score = classes[static_cast<size_t>(label)];
      ++score.images;
      score.right += scores.predictions[i] == label;
    }
    return classes;
  }

  void print(const engine::Scores& scores, const std::vector<ClassScore>& classes,
             int64_t step) const {
    const size_t images = scores.predictions.size();
    if (json_) {
      nlohmann::ordered_json json = {{"step", step},
                                     {"images", images},
                                     {"loss", scores.loss},
                                     {"accuracy", scores.accuracy},
                                     {"classes", nlohmann::ordered_json::array()}};
      for (const ClassScore& score : classes) {
        nlohmann::ordered_json row = {{"name", score.name}, {"images", score.images}};
        if (score.images > 0) row["accuracy"] = score.accuracy();
        json["classes"].push_back(row);
      }
      fmt::print("{}\n", json.dump(2));
      return;
    }
    fmt::print("after step {}, {} images: loss {:.4f}, accuracy {:.2f} %\n", step, images,
               scores.loss, 100 * scores.accuracy);
    for (const ClassScore& score : classes) {
      if (score.images > 0)
        fmt::print("  {:<20} {:>6.2f} %  of {}\n", score.name, 100 * score.accuracy(),
                   score.images);
      else
        fmt::print("  {:<20} no images\n", score.name);
    }
  }

  std::string run_, data_;
  bool json_ = false;
};

ESPALIER_REGISTER(Verb, Evaluate, "evaluate",
                  "measure loss and accuracy of a supervised run on a packed set");

}  // namespace
}  // namespace espalier::app
