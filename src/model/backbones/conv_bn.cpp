// A plain stack of Conv3x3 - norm - ReLU stages, one convolution a stage, the first ones followed
// by max pooling: the smallest network that shows the general-to-specific curve. Padding 1, no bias
// before a normalisation.
#include <torch/torch.h>

#include "model/backbone.h"
#include "model/norm.h"

namespace espalier::model {
namespace {

class ConvBn : public Backbone {
 public:
  Fields fields() override {
    return {{"widths",
             &widths_,
             {.min = 1,
              .max = 65536,
              .unit = "channels",
              .help = "output channels of each stage: as many stages as numbers"}},
            {"pools",
             &pools_,
             {.min = 0,
              .max = 30,
              .unit = "stages",
              .help = "how many of the first stages end in 2 x 2 max pooling"}}};
  }

  void build(const image::ViewShape& input, Norm norm) override {
    check(!widths_.empty(), Kind::kUsage, "model.widths is empty (try: [16, 32, 64, 64])");
    check(pools_ < 31 && std::min(input.height, input.width) >> pools_ >= 1, Kind::kUsage,
          "model.pools is {}, too many for images of {} x {} pixels", pools_, input.height,
          input.width);
    int64_t channels = input.channels;
    for (size_t i = 0; i < widths_.size(); ++i) {
      const std::string number = std::to_string(i + 1);
      const auto options =
          torch::nn::Conv2dOptions(channels, widths_[i], 3).padding(1).bias(norm == Norm::kNone);
      convolutions_.push_back(register_module("conv" + number, torch::nn::Conv2d(options)));
      norms_.push_back(make_norm(norm, widths_[i]));
      register_module("bn" + number, norms_.back().ptr());
      channels = widths_[i];
    }
  }

  std::vector<std::string> stages() const override {
    std::vector<std::string> names;
    for (size_t i = 1; i <= widths_.size(); ++i) names.push_back("conv" + std::to_string(i));
    return names;
  }

  std::vector<std::string> stage_modules(int64_t stage) const override {
    const std::string number = std::to_string(stage + 1);
    return {"conv" + number, "bn" + number};
  }

 protected:
  torch::Tensor forward_stage(int64_t stage, const Features& x) override {
    const torch::Tensor map =
        norms_[stage].forward(convolutions_[stage]->forward(x.values)).relu_();
    return stage < pools_ ? torch::max_pool2d(map, 2) : map;
  }

 private:
  std::vector<int64_t> widths_ = {16, 32, 64, 64};
  int64_t pools_ = 2;
  std::vector<torch::nn::Conv2d> convolutions_;
  std::vector<torch::nn::AnyModule> norms_;
};

ESPALIER_REGISTER(Backbone, ConvBn, "conv_bn",
                  "a stack of Conv3x3 - norm - ReLU stages of chosen widths");

}  // namespace
}  // namespace espalier::model
