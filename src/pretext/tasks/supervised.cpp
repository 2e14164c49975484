// Plain classification with labels: the source of classic transfer learning (Yosinski et al. 2014)
// and a yardstick for tasks without labels. Pooled features -> linear classifier; cross entropy.
#include <torch/torch.h>

#include <cmath>

#include "pretext/classifier.h"

namespace espalier::pretext {
namespace {

class Supervised : public Task, public Classifier {
 public:
  About about() const override {
    return {.family = Family::kOther, .loss = "cross entropy of the labels"};
  }

  bool needs_labels() const override { return true; }

  bool knows_the_set() const override { return true; }

  void build(const Site& site) override {
    check(site.classes >= 2, Kind::kUsage,
          "supervised needs labels of at least two classes, the data have {}", site.classes);
    classifier_ = register_module("classifier", torch::nn::Linear(site.width(), site.classes));
  }

  LaneOutput run(model::Backbone& backbone, const LaneInput& input) override {
    const torch::Tensor logits =
        classifier_->forward(backbone.represent(input.features(input.views[0])));
    const torch::Tensor losses =
        torch::cross_entropy_loss(logits, input.labels, {}, at::Reduction::None);
    const torch::Tensor right = logits.detach().argmax(1).eq(input.labels).to(losses.scalar_type());
    return {.losses = losses, .metrics = {{"accuracy", right}}};
  }

  torch::Tensor predict(model::Backbone& backbone, const torch::Tensor& x) override {
    return classifier_->forward(backbone.represent({x}));
  }

  std::optional<double> expected_loss(int64_t) const override {
    return std::log(classifier_->options.out_features());
  }

 private:
  torch::nn::Linear classifier_{nullptr};
};

ESPALIER_REGISTER(Task, Supervised, "supervised", "classification with the data set's labels");

}  // namespace
}  // namespace espalier::pretext
