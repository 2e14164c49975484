// evaluate: loss and accuracy of a supervised run on a packed set.
#include <nlohmann/json.hpp>

#include "app/verb.h"
#include "pretext/classifier.h"
#include "train/checkpoint.h"
#include "train/evaluate.h"

namespace espalier::app {
namespace {

class Evaluate : public Verb {
 public:
  void declare(CLI::App& command) override {
    command.add_option("run", run_, "Folder of a run whose task predicts the data's classes")
        ->required();
    command.add_option("--data", data_, "Packed set to score; default: the run's data.validation");
    command.add_flag("--json", json_, "As JSON on stdout");
    command.footer("Example:\n  espalier evaluate runs/cifar10_cnn --data data/cifar10/test");
  }

  int run(Context&) override {
    const train::RunFolder folder{run_};
    const train::RunConfig config = train::RunConfig::read(config::Document::load(folder.config()));
    const auto checkpoint = train::load_checkpoint(folder);
    check(checkpoint.has_value(), Kind::kUsage, "{} holds no checkpoint", run_);
    const std::string path = data_.empty() ? config.data.validation : data_;
    check(!path.empty(), Kind::kUsage, "there is no data.validation in {} (try: --data FOLDER)",
          folder.config().string());
    const auto dataset = data::Dataset::open(path);
    const auto shape = config.view_shape(dataset);
    const int64_t classes = train::class_count(dataset);
    train::Network network = config.make_network(shape, classes);
    auto* classifier = dynamic_cast<pretext::Classifier*>(network.task.get());
    check(classifier != nullptr, Kind::kUsage, "task {} does not predict the data's classes",
          config.task);
    train::load_state(*network.backbone, checkpoint->model, "model.safetensors");
    train::load_state(*network.task, checkpoint->task, "task.safetensors");
    const train::EvaluationMode mode(network);
    const train::Pass pass{dataset, config.augment, shape, at::kFloat, c10::kCPU};
    const train::Scores scores = train::score(
        pass, data::all(dataset.size()),
        [&](const at::Tensor& x) { return classifier->predict(*network.backbone, x); });
    print(scores, dataset, checkpoint->state.step);
    return 0;
  }

 private:
  void print(const train::Scores& scores, const data::Dataset& dataset, int64_t step) const {
    std::vector<int64_t> right(static_cast<size_t>(train::class_count(dataset))), all(right.size());
    for (int64_t i = 0; i < dataset.size(); ++i) {
      const auto label = static_cast<size_t>(dataset.label(i));
      all[label] += 1;
      right[label] += scores.predictions[static_cast<size_t>(i)] == dataset.label(i);
    }
    if (json_) {
      nlohmann::ordered_json json = {{"step", step},
                                     {"images", dataset.size()},
                                     {"loss", scores.loss},
                                     {"accuracy", scores.accuracy}};
      fmt::print("{}\n", json.dump(2));
      return;
    }
    fmt::print("after step {}, {} images: loss {:.4f}, accuracy {:.2f} %\n", step, dataset.size(),
               scores.loss, 100 * scores.accuracy);
    for (size_t c = 0; c < right.size(); ++c)
      if (all[c] > 0)
        fmt::print("  {:<20} {:>6.2f} %  of {}\n",
                   c < dataset.class_names().size() ? dataset.class_names()[c] : std::to_string(c),
                   100.0 * static_cast<double>(right[c]) / static_cast<double>(all[c]), all[c]);
  }

  std::string run_, data_;
  bool json_ = false;
};

ESPALIER_REGISTER(Verb, Evaluate, "evaluate",
                  "Loss and accuracy of a supervised run on a packed set");

}  // namespace
}  // namespace espalier::app
