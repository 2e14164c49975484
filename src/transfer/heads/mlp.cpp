// The non-linear classifier of RotNet (Gidaris et al. 2018, section 3.1): two hidden layers of 200
// units with batch normalisation and ReLU. There it takes the whole map, here the pooled features.
#include <torch/torch.h>

#include "model/batch_norm.h"
#include "transfer/head.h"

namespace espalier::transfer {
namespace {

constexpr int64_t kHidden = 200;

class MlpHead : public Head {
 protected:
  void make(const std::vector<int64_t>&, int64_t width, int64_t classes) override {
    hidden1_ = register_module("hidden1", hidden(width));
    bn1_ = register_module("bn1", model::BatchNorm1d(kHidden));
    hidden2_ = register_module("hidden2", hidden(kHidden));
    bn2_ = register_module("bn2", model::BatchNorm1d(kHidden));
    classifier_ = register_module("classifier", torch::nn::Linear(kHidden, classes));
  }

  at::Tensor logits(const model::Backbone& backbone, const at::Tensor& values) override {
    const at::Tensor first = bn1_->forward(hidden1_->forward(backbone.pooled(values))).relu();
    return classifier_->forward(bn2_->forward(hidden2_->forward(first)).relu());
  }

 private:
  static torch::nn::Linear hidden(int64_t width) {
    return torch::nn::Linear(torch::nn::LinearOptions(width, kHidden).bias(false));
  }

  torch::nn::Linear hidden1_{nullptr}, hidden2_{nullptr}, classifier_{nullptr};
  model::BatchNorm1d bn1_{nullptr}, bn2_{nullptr};
};

ESPALIER_REGISTER(Head, MlpHead, "mlp", "two hidden layers on the pooled features");

}  // namespace
}  // namespace espalier::transfer
