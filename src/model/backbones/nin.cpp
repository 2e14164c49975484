// Network in network, as rotation prediction uses it on 32 x 32 images (Gidaris, Singh & Komodakis,
// "Unsupervised representation learning by predicting image rotations", ICLR 2018, section 4.1 and
// the authors' code): blocks of three convolutions, each with normalisation and ReLU; the second
// and third are 1 x 1.
//
//   conv1         5x5 to 192, 1x1 to 160, 1x1 to 96, 3x3 max pooling of stride 2
//   conv2         5x5 to 192, 1x1 to 192, 1x1 to 192, 3x3 average pooling of stride 2
//   conv3, ...    3x3 to 192, 1x1 to 192, 1x1 to 192
//
// A block is a stage. [C, 32, 32] gives [96, 16, 16], [192, 8, 8], [192, 8, 8], ... The code can
// pool after the third block as well; its configurations for CIFAR do not, and nor does this.
// Weights are drawn by the fan in (model.init), in the code by the fan out.
#include <torch/torch.h>

#include "model/backbone.h"
#include "model/norm.h"

namespace espalier::model {
namespace {

class Nin : public Backbone {
 public:
  Fields fields() override {
    return {{"blocks",
             &blocks_,
             {.min = 3,
              .max = 5,
              .unit = "blocks",
              .help = "blocks of three convolutions; each is a stage"}}};
  }

  void build(const image::ViewShape& input, Norm norm) override {
    int64_t channels = input.channels;
    for (int64_t number = 1; number <= blocks_; ++number) {
      const std::vector<int64_t> widths =
          number == 1 ? std::vector<int64_t>{192, 160, 96} : std::vector<int64_t>(3, 192);
      torch::nn::Sequential block;
      for (size_t i = 0; i < widths.size(); ++i) {
        const int64_t kernel = i > 0 ? 1 : number <= 2 ? 5 : 3;
        const auto options = torch::nn::Conv2dOptions(channels, widths[i], kernel)
                                 .padding(kernel / 2)
                                 .bias(norm == Norm::kNone);
        const std::string place = std::to_string(i + 1);
        block->push_back("conv" + place, torch::nn::Conv2d(options));
        block->push_back("bn" + place, make_norm(norm, widths[i]));
        block->push_back("relu" + place, torch::nn::ReLU(torch::nn::ReLUOptions(true)));
        channels = widths[i];
      }
      convolutions_.push_back(register_module("conv" + std::to_string(number), block));
    }
  }

  std::vector<std::string> stages() const override {
    std::vector<std::string> names;
    for (int64_t number = 1; number <= blocks_; ++number)
      names.push_back("conv" + std::to_string(number));
    return names;
  }

  std::vector<std::string> stage_modules(int64_t stage) const override {
    return {"conv" + std::to_string(stage + 1)};
  }

 protected:
  torch::Tensor forward_stage(int64_t stage, const Features& x) override {
    const torch::Tensor map = convolutions_[static_cast<size_t>(stage)]->forward(x.values);
    if (stage == 0) return torch::max_pool2d(map, 3, 2, 1);
    return stage == 1 ? torch::avg_pool2d(map, 3, 2, 1) : map;
  }

 private:
  int64_t blocks_ = 4;
  std::vector<torch::nn::Sequential> convolutions_;
};

ESPALIER_REGISTER(Backbone, Nin, "nin",
                  "network in network of three to five blocks, for 32 x 32 images");

}  // namespace
}  // namespace espalier::model
