// Loss and accuracy on the validation set, for tasks that know the data's own classes. Classes are
// matched to those of training by name. Every rank scores its share of the images; counts and
// losses are summed.
#include <torch/torch.h>

#include "data/classes.h"
#include "engine/evaluate.h"
#include "engine/view_shape.h"
#include "pretext/classifier.h"
#include "train/training_view.h"

namespace espalier::train {
namespace {

class Validate : public Hook {
 public:
  void check(const TrainingView& view) override {
    espalier::check(
        dynamic_cast<pretext::Classifier*>(view.network.task.get()) != nullptr, Kind::kUsage,
        "hook validate needs a task that predicts the data's classes, {} does not (try: hook knn)",
        view.config.task);
    espalier::check(view.validation != nullptr, Kind::kUsage,
                    "hook validate has nothing to measure on (try: data.validation=FOLDER or "
                    "data.holdout=0.1)");
    const std::string name = view.config.data.validation_name();
    engine::require_input(view.config.augment.evaluation(), *view.validation, view.input, name);
    data::require_labels(*view.validation, name);
    labels_ = data::labels_by_name(*view.validation, data::class_names(view.dataset), name);
  }

  Scalars measure(TrainingView& view) override {
    const engine::EvaluationMode mode(view.network);
    auto& classifier = dynamic_cast<pretext::Classifier&>(*view.network.task);
    const data::Selection share =
        engine::share_of(view.validating, view.control.rank(), view.control.size());
    double sums[] = {0, 0, static_cast<double>(share.size())};
    if (!share.empty()) {
      const engine::Pass pass{*view.validation, view.config.augment, view.input,
                              view.network.backbone->parameters()[0].scalar_type(), view.device};
      const engine::Scores scores = engine::score(pass, share, labels_, [&](const at::Tensor& x) {
        return classifier.predict(*view.network.backbone, x);
      });
      sums[0] = scores.loss * sums[2];
      sums[1] = scores.accuracy * sums[2];
    }
    view.control.all_reduce(sums, 3, comm::DataType::f64).wait();
    return {{"val_loss", sums[0] / sums[2]}, {"val_accuracy", sums[1] / sums[2]}};
  }

 private:
  std::vector<int64_t> labels_;  // of each sample, in the numbers of training
};

ESPALIER_REGISTER(Hook, Validate, "validate",
                  "loss and accuracy on the validation set before the first step and after every "
                  "epoch");

}  // namespace
}  // namespace espalier::train
