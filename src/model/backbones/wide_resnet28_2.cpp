// WRN-28-2 (Zagoruyko & Komodakis, "Wide residual networks", BMVC 2016, table 1 and the released
// code), the network of semi-supervised work on 32 x 32 images: a 3x3 convolution to 16 channels,
// then three layers of four blocks with 32, 64 and 128 channels; normalisation and ReLU stand
// before each convolution, and once more after the last. The shortcut of a block that changes the
// width is a 1x1 convolution of the normalised input. No dropout.
//
// Stages stem, layer1, layer2, layer3: [16, 32, 32], [32, 32, 32], [64, 16, 16], [128, 8, 8].
#include <torch/torch.h>

#include "model/backbone.h"
#include "model/norm.h"

namespace espalier::model {
namespace {

torch::nn::Conv2d convolution(int64_t in, int64_t out, int64_t kernel, int64_t stride) {
  return torch::nn::Conv2d(
      torch::nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(false));
}

class WideBlock : public torch::nn::Module {
 public:
  WideBlock(int64_t in, int64_t out, int64_t stride, Norm norm)
      : bn1_(make_norm(norm, in)),
        conv1_(register_module("conv1", convolution(in, out, 3, stride))),
        bn2_(make_norm(norm, out)),
        conv2_(register_module("conv2", convolution(out, out, 3, 1))) {
    register_module("bn1", bn1_.ptr());
    register_module("bn2", bn2_.ptr());
    if (in != out) shortcut_ = register_module("shortcut", convolution(in, out, 1, stride));
  }

  torch::Tensor forward(const torch::Tensor& x) {
    const torch::Tensor before = bn1_.forward(x).relu();
    const torch::Tensor y = conv2_->forward(bn2_.forward(conv1_->forward(before)).relu_());
    return y + (shortcut_.is_empty() ? x : shortcut_->forward(before));
  }

 private:
  torch::nn::AnyModule bn1_;
  torch::nn::Conv2d conv1_;
  torch::nn::AnyModule bn2_;
  torch::nn::Conv2d conv2_;
  torch::nn::Conv2d shortcut_{nullptr};
};

class WideResnet28x2 : public Backbone {
 public:
  void build(const image::ViewShape& input, Norm norm) override {
    stem_ = register_module("conv1", convolution(input.channels, 16, 3, 1));
    int64_t channels = 16;
    for (int64_t i = 0; i < 3; ++i) {
      const int64_t width = 32 << i;
      torch::nn::Sequential layer;
      for (int64_t block = 0; block < 4; ++block) {
        layer->push_back(WideBlock(channels, width, i > 0 && block == 0 ? 2 : 1, norm));
        channels = width;
      }
      layers_.push_back(register_module("layer" + std::to_string(i + 1), layer));
    }
    norm_ = make_norm(norm, channels);
    register_module("bn", norm_.ptr());
  }

  std::vector<std::string> stages() const override {
    return {"stem", "layer1", "layer2", "layer3"};
  }

  std::vector<std::string> stage_modules(int64_t stage) const override {
    if (stage == 0) return {"conv1"};
    if (stage == 3) return {"layer3", "bn"};
    return {"layer" + std::to_string(stage)};
  }

 protected:
  torch::Tensor forward_stage(int64_t stage, const Features& x) override {
    if (stage == 0) return stem_->forward(x.values);
    const torch::Tensor map = layers_[static_cast<size_t>(stage - 1)]->forward(x.values);
    return stage < 3 ? map : norm_.forward(map).relu_();
  }

 private:
  torch::nn::Conv2d stem_{nullptr};
  std::vector<torch::nn::Sequential> layers_;
  torch::nn::AnyModule norm_;
};

ESPALIER_REGISTER(Backbone, WideResnet28x2, "wide_resnet28_2",
                  "WRN-28-2, 1.5 million parameters, for 32 x 32 images");

}  // namespace
}  // namespace espalier::model
