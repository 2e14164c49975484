// A linear classifier on the pooled features of the cut.
#include <torch/torch.h>

#include "transfer/head.h"

namespace espalier::transfer {
namespace {

class LinearHead : public Head {
 public:
  // On the last stage, after which no stage remains.
  std::optional<std::string> same_as(int64_t stages) const override {
    return cut() == stages ? std::optional<std::string>("suffix") : std::nullopt;
  }

 protected:
  void make(const std::vector<int64_t>&, int64_t width, int64_t classes) override {
    classifier_ = register_module("classifier", torch::nn::Linear(width, classes));
  }

  at::Tensor logits(const model::Backbone& backbone, const at::Tensor& values) override {
    return classifier_->forward(backbone.pooled(values));
  }

 private:
  torch::nn::Linear classifier_{nullptr};
};

ESPALIER_REGISTER(Head, LinearHead, "linear", "a linear classifier on the pooled features");

}  // namespace
}  // namespace espalier::transfer
