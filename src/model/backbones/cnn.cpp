// The three-convolution network of TensorFlow's image classification tutorial: Conv32-3x3, pool 2,
// Conv64-3x3, pool 2, Conv64-3x3, then Dense64; its last layer, Dense10, is the head. Convolutions
// are unpadded, activations ReLU. With ten classes on [3, 32, 32] it has 896 + 18,496 + 36,928 +
// 65,600 + 650 = 122,570 parameters. `norm` adds a normalisation after each convolution; the
// tutorial has none.
#include <torch/torch.h>

#include "model/backbone.h"
#include "model/norm.h"

namespace espalier::model {
namespace {

class Cnn : public Backbone {
 public:
  Norm own_norm() const override { return Norm::kNone; }

  void build(const image::ViewShape& input, Norm norm) override {
    check(input.height >= 18 && input.width >= 18, Kind::kUsage,
          "cnn takes images of at least 18 x 18 pixels, these are {} x {}", input.height,
          input.width);
    constexpr int64_t kWidths[] = {32, 64, 64};
    int64_t channels = input.channels, height = input.height, width = input.width;
    for (int i = 0; i < 3; ++i) {
      const std::string number = std::to_string(i + 1);
      const auto options = torch::nn::Conv2dOptions(channels, kWidths[i], 3);
      convolutions_.push_back(register_module("conv" + number, torch::nn::Conv2d(options)));
      norms_.push_back(make_norm(norm, kWidths[i]));
      register_module("bn" + number, norms_.back().ptr());
      channels = kWidths[i];
      height = i < 2 ? (height - 2) / 2 : height - 2;
      width = i < 2 ? (width - 2) / 2 : width - 2;
    }
    dense_ = register_module("dense", torch::nn::Linear(channels * height * width, 64));
  }

  std::vector<std::string> stages() const override {
    return {"conv1", "conv2", "conv3", "dense64"};
  }

  std::vector<std::string> stage_modules(int64_t stage) const override {
    if (stage == 3) return {"dense"};
    const std::string number = std::to_string(stage + 1);
    return {"conv" + number, "bn" + number};
  }

 protected:
  torch::Tensor forward_stage(int64_t stage, const Features& x) override {
    if (stage == 3) return dense_->forward(x.values.flatten(1)).relu_();
    const torch::Tensor map =
        norms_[stage].forward(convolutions_[stage]->forward(x.values)).relu_();
    return stage < 2 ? torch::max_pool2d(map, 2) : map;
  }

 private:
  std::vector<torch::nn::Conv2d> convolutions_;
  std::vector<torch::nn::AnyModule> norms_;
  torch::nn::Linear dense_{nullptr};
};

ESPALIER_REGISTER(Backbone, Cnn, "cnn",
                  "three convolutions and a dense layer, 122k parameters, for 32 x 32 images");

}  // namespace
}  // namespace espalier::model
