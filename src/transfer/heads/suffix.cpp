// The backbone's own remaining stages, and a linear classifier: all cuts have networks of one size.
#include <torch/torch.h>

#include "transfer/head.h"

namespace espalier::transfer {
namespace {

class Suffix : public Head {
 public:
  int64_t depth(int64_t stages) const override { return stages; }

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

ESPALIER_REGISTER(Head, Suffix, "suffix", "the remaining stages and a linear classifier");

}  // namespace
}  // namespace espalier::transfer
