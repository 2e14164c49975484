// Residual networks (He et al., "Deep residual learning for image recognition", CVPR 2016, table 1)
// with torchvision's parameter names; backbones/resnet18.cpp and its siblings give the numbers.
//
// Stages stem, layer1 .. layer4; [N, C, H, W] images become maps of 64, 64 w, 128 w, 256 w, 512 w
// channels, where w is 1 for basic blocks and 4 for bottlenecks.
//
// stem imagenet: 7x7 stride 2 convolution and 3x3 stride 2 max pooling, as in the paper.
// stem cifar:    3x3 stride 1 convolution, padding 1, no pooling, as self-supervised work on 32 x
// 32 images has it (SimCLR, appendix B.9).
//
// A bottleneck strides in its 3x3 convolution, as torchvision's and timm's do (ResNet v1.5: Goyal
// et al., "Accurate, large minibatch SGD", 2017, section 5.1); the paper's first 1x1 one does.
#pragma once

#include <torch/torch.h>

#include <array>
#include <string>
#include <vector>

#include "model/backbone.h"

namespace espalier::model {

enum class Stem { kCifar, kImagenet };
constexpr auto names_of(Stem) {
  using enum Stem;
  return names<Stem>({{kCifar, "cifar"}, {kImagenet, "imagenet"}});
}

enum class ResidualBlock { kBasic, kBottleneck };

class Resnet : public Backbone {
 public:
  // `blocks` of `kind` in each layer.
  Resnet(ResidualBlock kind, std::array<int64_t, 4> blocks) : kind_(kind), blocks_(blocks) {}

  Fields fields() override;
  void build(const image::ViewShape& input, Norm norm) override;
  std::vector<std::string> stages() const override;
  std::vector<std::string> stage_modules(int64_t stage) const override;

 protected:
  torch::Tensor forward_stage(int64_t stage, const Features& x) override;

 private:
  ResidualBlock kind_;
  std::array<int64_t, 4> blocks_;
  Stem stem_ = Stem::kCifar;
  torch::nn::Conv2d conv1_{nullptr};
  torch::nn::AnyModule bn1_;
  std::vector<torch::nn::Sequential> layers_;
};

}  // namespace espalier::model
