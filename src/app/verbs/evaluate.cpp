// evaluate: loss and accuracy of a network with classes on a packed set.
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/model_argument.h"
#include "app/verb.h"
#include "core/printable.h"
#include "data/classes.h"
#include "engine/view_shape.h"

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
    model_.declare(command);
    command
        .add_option("--data", data_,
                    "packed set to measure on; default: that of the run's configuration "
                    "(data.validation, data.test, or the part that data.holdout kept back)")
        ->type_name("DIR");
    command.add_flag("--json", json_, "print the scores as JSON");
    command.footer("Example:\n  espalier evaluate runs/cifar10_cnn --data data/cifar10/test");
  }

  int run(Context&) override {
    const engine::TrainedModel model = model_.open();
    model.require_classes();
    const Scored scored = open(model);
    engine::require_input(model.evaluation(), scored.set, model.input, scored.name);
    data::require_labels(scored.set, scored.name);
    const auto labels = data::labels_by_name(scored.set, model.classes, scored.name);
    const engine::Scores scores =
        engine::score(model.pass(scored.set), scored.samples, labels, model.scores);
    print(scores, by_class(scores, scored.samples, labels, model.classes), model.step);
    return 0;
  }

 private:
  // The set on the command line, or the one that the run measures itself on.
  Scored open(const engine::TrainedModel& model) const {
    if (!data_.empty())
      return whole(data::Dataset::open(data_), fmt::format("--data ({})", data_), model);
    const engine::OwnTestSet& own = model.test_set;
    check(!own.folder.empty(), Kind::kUsage,
          "{} names no set to measure on (try: --data FOLDER, a packed set)", model.path);
    check(std::filesystem::exists(own.folder), Kind::kUsage,
          "{} has been measured on {}, and there is no {} here (try: --data FOLDER, where the "
          "packed set now is)",
          model.path, own.name, own.folder);
    const auto set = data::Dataset::open(own.folder);
    if (own.holdout == 0) return whole(set, own.name, model);
    check(set.hash() == model.data_hash, Kind::kUsage,
          "{} no longer holds the set that {} was trained on, so the part that was kept back is "
          "not known (try: --data FOLDER)",
          own.folder, model.path);
    const data::Holdout parts =
        data::hold_out(set.size(), set.order().block, own.holdout, static_cast<uint64_t>(own.seed));
    return {set, parts.held_out, own.name};
  }

  // Every image of a set, which is not the one trained on.
  static Scored whole(const data::Dataset& set, const std::string& name,
                      const engine::TrainedModel& model) {
    check(set.hash() != model.data_hash, Kind::kUsage,
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
        fmt::print("  {:<20} {:>6.2f} %  of {}\n", printable(score.name), 100 * score.accuracy(),
                   score.images);
      else
        fmt::print("  {:<20} no images\n", printable(score.name));
    }
  }

  ModelArgument model_;
  std::string data_;
  bool json_ = false;
};

ESPALIER_REGISTER(Verb, Evaluate, "evaluate",
                  "measure loss and accuracy of a network with classes on a packed set, by class");

}  // namespace
}  // namespace espalier::app
