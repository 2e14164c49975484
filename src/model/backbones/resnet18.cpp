// ResNet-18 (He et al. 2016, table 1) with torchvision's parameter names.
//
// stem imagenet: 7x7 stride 2 convolution and 3x3 stride 2 max pooling, as in the paper.
// stem cifar:    3x3 stride 1 convolution, padding 1, no pooling, as self-supervised work on 32 x
// 32 images has it
//                (SimCLR, appendix B.9).
#include <torch/torch.h>

#include "model/backbone.h"
#include "model/norm.h"

namespace espalier::model {
namespace {

torch::nn::Conv2d convolution(int64_t in, int64_t out, int64_t kernel, int64_t stride) {
  return torch::nn::Conv2d(
      torch::nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(false));
}

class BasicBlock : public torch::nn::Module {
 public:
  BasicBlock(int64_t in, int64_t out, int64_t stride, Norm norm)
      : conv1_(register_module("conv1", convolution(in, out, 3, stride))),
        bn1_(make_norm(norm, out)),
        conv2_(register_module("conv2", convolution(out, out, 3, 1))),
        bn2_(make_norm(norm, out)) {
    register_module("bn1", bn1_.ptr());
    register_module("bn2", bn2_.ptr());
    if (stride == 1 && in == out) return;
    shortcut_norm_ = make_norm(norm, out);
    shortcut_ = convolution(in, out, 1, stride);
    downsample_ = register_module("downsample", std::make_shared<torch::nn::Module>());
    downsample_->register_module("0", shortcut_);
    downsample_->register_module("1", shortcut_norm_.ptr());
  }

  torch::Tensor forward(const torch::Tensor& x) {
    torch::Tensor y = bn1_.forward(conv1_->forward(x)).relu_();
    y = bn2_.forward(conv2_->forward(y));
    const torch::Tensor identity = downsample_ ? shortcut_norm_.forward(shortcut_->forward(x)) : x;
    return y.add_(identity).relu_();
  }

 private:
  torch::nn::Conv2d conv1_;
  torch::nn::AnyModule bn1_;
  torch::nn::Conv2d conv2_;
  torch::nn::AnyModule bn2_;
  torch::nn::Conv2d shortcut_{nullptr};
  torch::nn::AnyModule shortcut_norm_;
  std::shared_ptr<torch::nn::Module> downsample_;
};

enum class Stem { kCifar, kImagenet };
constexpr auto names_of(Stem) {
  using enum Stem;
  return names<Stem>({{kCifar, "cifar"}, {kImagenet, "imagenet"}});
}

class Resnet18 : public Backbone {
 public:
  Fields fields() override {
    return {{"stem",
             &stem_,
             {.help = "first layers; cifar: a 3x3 convolution of stride 1; imagenet: a 7x7 one of "
                      "stride 2 and max pooling"}}};
  }

  void build(const image::ViewShape& input, Norm norm) override {
    conv1_ = stem_ == Stem::kCifar ? convolution(input.channels, 64, 3, 1)
                                   : convolution(input.channels, 64, 7, 2);
    register_module("conv1", conv1_);
    bn1_ = make_norm(norm, 64);
    register_module("bn1", bn1_.ptr());
    int64_t channels = 64;
    for (int64_t i = 0; i < 4; ++i) {
      const int64_t width = 64 << i;
      torch::nn::Sequential layer(BasicBlock(channels, width, i == 0 ? 1 : 2, norm),
                                  BasicBlock(width, width, 1, norm));
      layers_.push_back(register_module("layer" + std::to_string(i + 1), layer));
      channels = width;
    }
  }

  std::vector<std::string> stages() const override {
    return {"stem", "layer1", "layer2", "layer3", "layer4"};
  }

  std::vector<std::string> stage_modules(int64_t stage) const override {
    if (stage == 0) return {"conv1", "bn1"};
    return {"layer" + std::to_string(stage)};
  }

 protected:
  torch::Tensor forward_stage(int64_t stage, const Features& x) override {
    if (stage > 0) return layers_[stage - 1]->forward(x.values);
    const torch::Tensor map = bn1_.forward(conv1_->forward(x.values)).relu_();
    return stem_ == Stem::kCifar ? map : torch::max_pool2d(map, 3, 2, 1);
  }

 private:
  Stem stem_ = Stem::kCifar;
  torch::nn::Conv2d conv1_{nullptr};
  torch::nn::AnyModule bn1_;
  std::vector<torch::nn::Sequential> layers_;
};

ESPALIER_REGISTER(Backbone, Resnet18, "resnet18",
                  "ResNet-18 with torchvision's names; stem for 32 x 32 or 224 x 224 images");

}  // namespace
}  // namespace espalier::model
