// fewshot: how far the features of a backbone go with a handful of labels.
#include <torch/torch.h>

#include "app/json_output.h"
#include "app/model_argument.h"
#include "app/verb.h"
#include "core/clock.h"
#include "data/classes.h"
#include "statistics/student.h"
#include "transfer/episodes.h"
#include "transfer/probe.h"
#include "transfer/stage_weights.h"

namespace espalier::app {
namespace {

class FewShot : public Verb {
 public:
  void declare(CLI::App& command) override {
    model_.declare(command);
    command
        .add_option("data", data_, "packed set with labels, which the network was not trained on")
        ->required()
        ->type_name("DIR");
    command.add_option("--ways", options_.ways, "classes of an episode")
        ->check(CLI::Range(2, 1000))
        ->capture_default_str();
    command.add_option("--shots", shots_, "images of a class to learn from; several, by commas")
        ->delimiter(',')
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    command.add_option("--queries", options_.queries, "images of a class that are asked about")
        ->check(CLI::Range(1, 1000))
        ->capture_default_str();
    command.add_option("--episodes", options_.episodes, "episodes to average over")
        ->check(CLI::Range(2, 1'000'000))
        ->capture_default_str();
    command.add_option("--probes", probes_, "classifiers on the features; several, by commas")
        ->delimiter(',')
        ->check(CLI::IsMember(Registry<transfer::Probe>::names()))
        ->capture_default_str();
    command.add_option("--seed", options_.seed, "which episodes are drawn")->capture_default_str();
    add_cut_option(command, cut_);
    command.add_flag("--json", json_, "print the results as JSON");
    command.footer(
        "Example:\n  espalier fewshot runs/simclr data/cifar10/test --shots 1,5 --cut 3");
  }

  int run(Context& context) override {
    const engine::TrainedModel model = model_.open();
    const int64_t cut = settle_cut(cut_, model);
    const data::Dataset set = open_images(data_, model);
    data::require_labels(set, data_);
    const std::vector<int64_t> labels(set.labels().begin(), set.labels().end());
    for (const int64_t shots : shots_)  // what does not fit is refused before the long pass
      transfer::draw_episodes(labels, {options_.ways, shots, options_.queries, 1, options_.seed});
    const at::Tensor trained = features(context, model, set, cut, "trained");
    draw_anew(model, set);
    const at::Tensor untrained = features(context, model, set, cut, "untrained");
    for (const std::string& probe : probes_)
      for (const int64_t shots : shots_) compare(probe, shots, trained, untrained, labels);
    print(model, set, cut);
    return 0;
  }

 private:
  struct Result {
    std::string probe;
    int64_t shots;
    statistics::Interval trained, untrained, difference;
  };

  void draw_anew(const engine::TrainedModel& model, const data::Dataset& set) const {
    constexpr int64_t kImages = 1000, kMostBytes = 1'000'000'000;
    const data::Selection some =
        data::draw_some(data::all(set.size()), kImages, "recalibrate", options_.seed);
    const std::vector<int64_t> no_labels(some.size(), -1);
    transfer::draw_anew(*model.backbone, model.init, {model.pass(set), some, no_labels, kMostBytes},
                        options_.seed);
  }

  static at::Tensor features(Context& context, const engine::TrainedModel& model,
                             const data::Dataset& set, int64_t cut, const std::string& what) {
    Progress progress(what, "images", set.size(), !context.quiet);
    return model.features(set, data::all(set.size()), cut,
                          [&](int64_t done) { progress.update(done); });
  }

  void compare(const std::string& probe, int64_t shots, const at::Tensor& trained,
               const at::Tensor& untrained, const std::vector<int64_t>& labels) {
    transfer::EpisodeOptions options = options_;
    options.shots = shots;
    const auto ours = transfer::episode_accuracies(trained, labels, probe, options);
    const auto theirs = transfer::episode_accuracies(untrained, labels, probe, options);
    std::vector<double> differences;
    for (size_t e = 0; e < ours.size(); ++e) differences.push_back(ours[e] - theirs[e]);
    results_.push_back({probe, shots, statistics::t_interval(ours), statistics::t_interval(theirs),
                        statistics::t_interval(differences)});
  }

  void print(const engine::TrainedModel& model, const data::Dataset& set, int64_t cut) const {
    const std::string stage = model.backbone->stages()[static_cast<size_t>(cut - 1)];
    if (json_) {
      nlohmann::ordered_json rows = nlohmann::ordered_json::array();
      const auto of = [](const statistics::Interval& interval) {
        return nlohmann::ordered_json{{"mean", interval.mean}, {"half_width", interval.half_width}};
      };
      for (const Result& result : results_)
        rows.push_back({{"probe", result.probe},
                        {"shots", result.shots},
                        {"accuracy", of(result.trained)},
                        {"untrained", of(result.untrained)},
                        {"difference", of(result.difference)}});
      print_json({{"images", set.size()},
                  {"cut", cut},
                  {"stage", stage},
                  {"ways", options_.ways},
                  {"queries", options_.queries},
                  {"episodes", options_.episodes},
                  {"results", rows}});
      return;
    }
    fmt::print(
        "{}-way episodes, {} of them, {} queries a class, features after stage {} ({})\n"
        "accuracy in %, chance {:.1f}; 95 % intervals over episodes of these images and of this "
        "one "
        "backbone\n"
        "  probe       shots      accuracy     untrained  difference, points\n",
        options_.ways, options_.episodes, options_.queries, cut, stage,
        100.0 / static_cast<double>(options_.ways));
    const auto percent = [](const statistics::Interval& interval) {
      return fmt::format("{:.1f} ± {:.1f}", 100 * interval.mean, 100 * interval.half_width);
    };
    for (const Result& result : results_)
      fmt::print("  {:<10} {:>6}  {:>13} {:>13}  {:+.1f} ± {:.1f}\n", result.probe, result.shots,
                 percent(result.trained), percent(result.untrained), 100 * result.difference.mean,
                 100 * result.difference.half_width);
  }

  ModelArgument model_;
  std::string data_;
  transfer::EpisodeOptions options_;
  std::vector<int64_t> shots_ = {1, 5};
  std::vector<std::string> probes_ = {"prototype", "ridge"};
  int64_t cut_ = 0;
  bool json_ = false;
  std::vector<Result> results_;
};

ESPALIER_REGISTER(Verb, FewShot, "fewshot",
                  "measure features with a handful of labels: N-way K-shot episodes");

}  // namespace
}  // namespace espalier::app
