// evaluate: loss, accuracy and other scores of a network with classes on a packed set.
#include <torch/torch.h>

#include <cmath>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "app/model_argument.h"
#include "app/verb.h"
#include "core/printable.h"
#include "data/classes.h"
#include "engine/view_shape.h"
#include "statistics/scores.h"
#include "statistics/student.h"

namespace espalier::app {
namespace {

// Images of one class, and how many of them were predicted right.
struct ClassScore {
  std::string name;
  int64_t images = 0, right = 0;

  double accuracy() const { return static_cast<double>(right) / static_cast<double>(images); }
};

// Probabilities, gathered while images pass by: of the class chosen, and of every class where that is
// at most 400 MB.
class Probabilities {
 public:
  Probabilities(size_t images, size_t classes) : keeps_all_(images * classes <= 100'000'000) {}

  void add(const at::Tensor& logits) {
    const at::Tensor batch = logits.to(torch::kDouble).softmax(1).cpu();
    const at::Tensor highest = std::get<0>(batch.max(1));
    confidence_.insert(confidence_.end(), highest.data_ptr<double>(),
                       highest.data_ptr<double>() + highest.size(0));
    if (keeps_all_) all_.push_back(batch.to(torch::kFloat));
  }

  double calibration_error(const std::vector<bool>& right) const {
    return statistics::calibration_error(confidence_, right);
  }

  // Of each class against the others, mean over classes; NaN where not every probability was kept.
  double auroc(const std::vector<int64_t>& labels) const {
    if (all_.empty()) return statistics::kUnknown;
    const at::Tensor by_class = torch::cat(all_).t().to(torch::kDouble).contiguous();
    double sum = 0, count = 0;
    for (int64_t c = 0; c < by_class.size(0); ++c) {
      std::vector<bool> positive;
      for (const int64_t label : labels) positive.push_back(label == c);
      const double area =
          statistics::auroc({by_class[c].data_ptr<double>(), labels.size()}, positive);
      if (!std::isnan(area)) sum += area, ++count;
    }
    return sum / count;
  }

 private:
  bool keeps_all_;
  std::vector<double> confidence_;
  std::vector<at::Tensor> all_;
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
    Probabilities probabilities(scored.samples.size(), model.classes.size());
    const engine::Scores scores =
        engine::score(model.pass(scored.set), scored.samples, labels, [&](const at::Tensor& x) {
          const at::Tensor logits = model.scores(x);
          probabilities.add(logits);
          return logits;
        });
    print(scores, more_scores(scores, probabilities, scored.samples, labels, model),
          by_class(scores, scored.samples, labels, model.classes), model.step);
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

  // Name, value; NaN where it is not known.
  using Named = std::vector<std::pair<std::string, double>>;

  static Named more_scores(const engine::Scores& scores, const Probabilities& probabilities,
                           const data::Selection& samples, const std::vector<int64_t>& labels,
                           const engine::TrainedModel& model) {
    std::vector<int64_t> truth;
    std::vector<bool> right;
    for (size_t i = 0; i < samples.size(); ++i) {
      truth.push_back(labels[static_cast<size_t>(samples[i])]);
      right.push_back(scores.predictions[i] == truth.back());
    }
    const auto by_class = statistics::class_scores(scores.predictions, truth,
                                                   static_cast<int64_t>(model.classes.size()));
    return {{"balanced_accuracy", by_class.balanced_accuracy},
            {"macro_f1", by_class.macro_f1},
            {"auroc", probabilities.auroc(truth)},
            {"calibration_error", probabilities.calibration_error(right)}};
  }

  void print(const engine::Scores& scores, const Named& more,
             const std::vector<ClassScore>& classes, int64_t step) const {
    const size_t images = scores.predictions.size();
    if (json_) {
      nlohmann::ordered_json json = {{"step", step},
                                     {"images", images},
                                     {"loss", scores.loss},
                                     {"accuracy", scores.accuracy},
                                     {"classes", nlohmann::ordered_json::array()}};
      for (const auto& [name, value] : more) json[name] = value;
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
    for (const auto& [name, value] : more)
      if (!std::isnan(value)) fmt::print("  {:<20} {:>6.4f}\n", name, value);
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
