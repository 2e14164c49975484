// Plain classification with labels: the source of classic transfer learning (Yosinski et al. 2014)
// and a yardstick for tasks without labels. Pooled features -> linear classifier; cross entropy.
#include <torch/torch.h>

#include "pretext/classifier.h"

namespace espalier::pretext {
namespace {

class Supervised : public LocalTask, public Classifier {
 public:
  bool needs_labels() const override { return true; }

  void build(model::Backbone& backbone, const image::ViewShape& input, int64_t classes) override {
    check(classes >= 2, Kind::kUsage,
          "supervised needs labels of at least two classes, the data have {}", classes);
    const int64_t width = model::stage_shapes(backbone, input).back().front();
    classifier_ = register_module("classifier", torch::nn::Linear(width, classes));
  }

  LocalLoss loss(model::Backbone& backbone, const Views& views) override {
    const torch::Tensor logits = predict(backbone, views.views[0]);
    const torch::Tensor losses =
        torch::cross_entropy_loss(logits, views.labels, {}, at::Reduction::None);
    const torch::Tensor right = logits.detach().argmax(1).eq(views.labels).to(losses.scalar_type());
    return {losses, {{"accuracy", right}}};
  }

  torch::Tensor predict(model::Backbone& backbone, const torch::Tensor& x) override {
    return classifier_->forward(model::pooled(backbone.forward({x}, 0, backbone.stage_count())));
  }

 private:
  torch::nn::Linear classifier_{nullptr};
};

ESPALIER_REGISTER(Task, Supervised, "supervised", "classification with the data set's labels");

}  // namespace
}  // namespace espalier::pretext
