#include "model/resnet.h"

namespace espalier::model {
namespace {

torch::nn::Conv2d convolution(int64_t in, int64_t out, int64_t kernel, int64_t stride) {
  return torch::nn::Conv2d(
      torch::nn::Conv2dOptions(in, out, kernel).stride(stride).padding(kernel / 2).bias(false));
}

// Convolutions, each with its normalisation, and the way around them.
class Block : public torch::nn::Module {
 public:
  Block(ResidualBlock kind, int64_t in, int64_t width, int64_t stride, Norm norm) {
    if (kind == ResidualBlock::kBasic) {
      add(in, width, 3, stride, norm);
      add(width, width, 3, 1, norm);
    } else {
      add(in, width, 1, 1, norm);
      add(width, width, 3, stride, norm);
      add(width, out(kind, width), 1, 1, norm);
    }
    if (stride == 1 && in == out(kind, width)) return;
    shortcut_norm_ = make_norm(norm, out(kind, width));
    shortcut_ = convolution(in, out(kind, width), 1, stride);
    downsample_ = register_module("downsample", std::make_shared<torch::nn::Module>());
    downsample_->register_module("0", shortcut_);
    downsample_->register_module("1", shortcut_norm_.ptr());
  }

  // Channels that a block of `width` gives.
  static int64_t out(ResidualBlock kind, int64_t width) {
    return kind == ResidualBlock::kBasic ? width : 4 * width;
  }

  torch::Tensor forward(const torch::Tensor& x) {
    torch::Tensor y = x;
    for (size_t i = 0; i < convolutions_.size(); ++i) {
      y = norms_[i].forward(convolutions_[i]->forward(y));
      if (i + 1 < convolutions_.size()) y = y.relu_();
    }
    const torch::Tensor identity = downsample_ ? shortcut_norm_.forward(shortcut_->forward(x)) : x;
    return y.add_(identity).relu_();
  }

 private:
  void add(int64_t in, int64_t out, int64_t kernel, int64_t stride, Norm norm) {
    const std::string number = std::to_string(convolutions_.size() + 1);
    convolutions_.push_back(convolution(in, out, kernel, stride));
    norms_.push_back(make_norm(norm, out));
    register_module("conv" + number, convolutions_.back());
    register_module("bn" + number, norms_.back().ptr());
  }

  std::vector<torch::nn::Conv2d> convolutions_;
  std::vector<torch::nn::AnyModule> norms_;
  torch::nn::Conv2d shortcut_{nullptr};
  torch::nn::AnyModule shortcut_norm_;
  std::shared_ptr<torch::nn::Module> downsample_;
};

}  // namespace

Fields Resnet::fields() {
  return {{"stem",
           &stem_,
           {.help = "first layers; cifar: a 3x3 convolution of stride 1; imagenet: a 7x7 one of "
                    "stride 2 and max pooling"}}};
}

void Resnet::build(const image::ViewShape& input, Norm norm) {
  conv1_ = stem_ == Stem::kCifar ? convolution(input.channels, 64, 3, 1)
                                 : convolution(input.channels, 64, 7, 2);
  register_module("conv1", conv1_);
  bn1_ = make_norm(norm, 64);
  register_module("bn1", bn1_.ptr());
  int64_t channels = 64;
  for (size_t i = 0; i < blocks_.size(); ++i) {
    const int64_t width = int64_t{64} << i;
    torch::nn::Sequential layer;
    for (int64_t block = 0; block < blocks_[i]; ++block) {
      layer->push_back(Block(kind_, channels, width, i > 0 && block == 0 ? 2 : 1, norm));
      channels = Block::out(kind_, width);
    }
    layers_.push_back(register_module("layer" + std::to_string(i + 1), layer));
  }
}

std::vector<std::string> Resnet::stages() const {
  return {"stem", "layer1", "layer2", "layer3", "layer4"};
}

std::vector<std::string> Resnet::stage_modules(int64_t stage) const {
  if (stage == 0) return {"conv1", "bn1"};
  return {"layer" + std::to_string(stage)};
}

torch::Tensor Resnet::forward_stage(int64_t stage, const Features& x) {
  if (stage > 0) return layers_[static_cast<size_t>(stage - 1)]->forward(x.values);
  const torch::Tensor map = bn1_.forward(conv1_->forward(x.values)).relu_();
  return stem_ == Stem::kCifar ? map : torch::max_pool2d(map, 3, 2, 1);
}

}  // namespace espalier::model
