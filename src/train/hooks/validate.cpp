// Loss and accuracy on data.validation at the end of every epoch, for tasks that know the data's
// own classes. Every rank scores its share of the images; counts and losses are summed.
#include <torch/torch.h>

#include "pretext/classifier.h"
#include "train/evaluate.h"
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
                    "hook validate measures on data.validation, which is empty");
  }

  Scalars at_epoch_end(TrainingView& view) override {
    const EvaluationMode mode(view.network);
    auto& classifier = dynamic_cast<pretext::Classifier&>(*view.network.task);
    data::Selection share;
    for (int64_t i = view.control.rank(); i < view.validation->size(); i += view.control.size())
      share.push_back(i);
    double sums[] = {0, 0, static_cast<double>(share.size())};
    if (!share.empty()) {
      const Pass pass{*view.validation, view.config.augment,
                      view.config.view_shape(*view.validation),
                      view.network.backbone->parameters()[0].scalar_type(), view.device};
      const Scores scores = score(pass, share, [&](const at::Tensor& x) {
        return classifier.predict(*view.network.backbone, x);
      });
      sums[0] = scores.loss * sums[2];
      sums[1] = scores.accuracy * sums[2];
    }
    view.control.all_reduce(sums, 3, comm::DataType::f64).wait();
    return {{"val_loss", sums[0] / sums[2]}, {"val_accuracy", sums[1] / sums[2]}};
  }
};

ESPALIER_REGISTER(Hook, Validate, "validate",
                  "loss and accuracy on data.validation after every epoch");

}  // namespace
}  // namespace espalier::train
