// One convolution of 3 x 3 that keeps the width, batch normalisation, ReLU, the mean over space and a
// linear classifier: the smallest head that sees where things are (RotNet's has three convolutions;
// Gidaris et al. 2018, section 3.1).
#include <torch/torch.h>

#include "model/batch_norm.h"
#include "transfer/head.h"

namespace espalier::transfer {
namespace {

class ConvHead : public Head {
 protected:
  void make(const std::vector<int64_t>& shape, int64_t width, int64_t classes) override {
    check(shape.size() == 3, Kind::kUsage,
          "head conv takes maps, and the stage before the cut gives {} (try: transfer.heads=[mlp], "
          "or other transfer.cuts)",
          shape.size() == 2 ? "tokens" : "a vector");
    convolution_ = register_module(
        "conv",
        torch::nn::Conv2d(torch::nn::Conv2dOptions(width, width, 3).padding(1).bias(false)));
    bn_ = register_module("bn", model::BatchNorm2d(width));
    classifier_ = register_module("classifier", torch::nn::Linear(width, classes));
  }

  at::Tensor logits(const model::Backbone&, const at::Tensor& values) override {
    const at::Tensor map = bn_->forward(convolution_->forward(values)).relu();
    return classifier_->forward(map.mean({2, 3}));
  }

 private:
  torch::nn::Conv2d convolution_{nullptr};
  model::BatchNorm2d bn_{nullptr};
  torch::nn::Linear classifier_{nullptr};
};

ESPALIER_REGISTER(Head, ConvHead, "conv", "a convolution and a linear classifier on the map");

}  // namespace
}  // namespace espalier::transfer
