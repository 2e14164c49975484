// Masked prediction in pixels (Pathak et al., "Context encoders: feature learning by inpainting",
// CVPR 2016, eq. 1, the reconstruction loss alone, with the random-block masks of section 3.3):
// random squares of the image are hidden, an encoder-decoder predicts what they held.
//
// Squares are drawn by (seed, epoch, sample); hidden pixels enter as 0, the mean of normalised
// data. The decoder takes the backbone's last map (a vector is a 1 x 1 map): 3x3 convolution, ReLU
// and doubling until the views' size is reached, then a 3x3 convolution to C channels. The loss of
// a sample is the mean squared error over its hidden pixels. Differences to the paper: no
// adversarial loss, a plain decoder, squares of one size.
#include <torch/torch.h>

#include "pretext/blocks/patches.h"
#include "pretext/reconstructs.h"
#include "tensor/convert.h"

namespace espalier::pretext {
namespace {

class Inpaint : public Task, public Reconstructs {
 public:
  About about() const override {
    return {.family = Family::kMasked,
            .paper = "Pathak et al. 2016",
            .loss = "squared error of hidden pixels",
            .needs = "a decoder",
            .differs = "no adversary; a plain decoder; squares of one size"};
  }

  Fields fields() override {
    return {
        {"squares",
         &squares_,
         {.min = 1, .max = 1000, .help = "hidden squares per image; they may overlap"}},
        {"side",
         &side_,
         {.min = 0, .max = 1, .unit = "of the shorter side", .help = "side of a hidden square"}},
        {"width",
         &width_,
         {.min = 1, .max = 65536, .unit = "channels", .help = "channels of the decoder"}}};
  }

  void build(const Site& site) override {
    const image::ViewShape& input = input_ = site.input();
    const std::vector<int64_t> shape = map_shape(site.backbone, input);
    int64_t channels = shape[0], height = shape[1];
    decoder_ = torch::nn::Sequential();
    do {
      decoder_->push_back(
          torch::nn::Conv2d(torch::nn::Conv2dOptions(channels, width_, 3).padding(1)));
      decoder_->push_back(torch::nn::ReLU());
      if (height < input.height)
        decoder_->push_back(torch::nn::Upsample(torch::nn::UpsampleOptions()
                                                    .scale_factor(std::vector<double>{2, 2})
                                                    .mode(torch::kNearest)));
      channels = width_;
      height *= 2;
    } while (height < input.height);
    register_module("decoder", decoder_);
    output_ = register_module(
        "output",
        torch::nn::Conv2d(torch::nn::Conv2dOptions(channels, input.channels, 3).padding(1)));
  }

  LaneOutput run(model::Backbone& backbone, const LaneInput& input) override {
    const torch::Tensor& x = input.views[0];
    const auto [hidden, prediction] = answer(backbone, input);
    const torch::Tensor error = (prediction - x).square() * hidden;
    const torch::Tensor hidden_values = hidden.sum({1, 2, 3}) * x.size(1);
    return {.losses = error.sum({1, 2, 3}) / hidden_values,
            .metrics = {{"hidden_share", hidden.mean({1, 2, 3})}}};
  }

  Reconstruction reconstruct(model::Backbone& backbone, const LaneInput& input) override {
    const torch::NoGradGuard no_grad;
    const auto [hidden, prediction] = answer(backbone, input);
    const torch::Tensor shown = input.views[0] * (1 - hidden);
    return {shown, shown + prediction * hidden};
  }

 private:
  struct Answer {
    torch::Tensor hidden;      // [n, 1, H, W]: 1 where a pixel is hidden
    torch::Tensor prediction;  // [n, C, H, W]
  };
  Answer answer(model::Backbone& backbone, const LaneInput& input) {
    const torch::Tensor& x = input.views[0];
    const torch::Tensor hidden = tensor::to_like(masks(input), x);
    const torch::Tensor last =
        backbone.forward(input.features(x * (1 - hidden)), 0, backbone.stage_count()).values;
    torch::Tensor map = decoder_->forward(as_map(backbone, last, input_));
    if (map.size(2) != x.size(2) || map.size(3) != x.size(3))
      map = torch::upsample_nearest2d(map, {x.size(2), x.size(3)});
    return {hidden, output_->forward(map)};
  }

  // f32 [n, 1, H, W]: 1 where a pixel is hidden.
  torch::Tensor masks(const LaneInput& input) const {
    const int64_t n = static_cast<int64_t>(input.samples.size());
    const int64_t shorter = std::min(input_.height, input_.width);
    const int64_t side =
        std::clamp<int64_t>(std::lround(side_ * static_cast<double>(shorter)), 1, shorter);
    torch::Tensor masks = torch::zeros({n, 1, input_.height, input_.width});
    for (int64_t i = 0; i < n; ++i) {
      Draw draw = input.draw("inpaint.squares", i);
      for (int64_t square = 0; square < squares_; ++square) {
        const int64_t top = draw.below(input_.height - side + 1);
        const int64_t left = draw.below(input_.width - side + 1);
        masks[i][0].narrow(0, top, side).narrow(1, left, side).fill_(1);
      }
    }
    return masks;
  }

  int64_t squares_ = 4;
  double side_ = 0.25;
  int64_t width_ = 64;
  image::ViewShape input_;
  torch::nn::Sequential decoder_{nullptr};
  torch::nn::Conv2d output_{nullptr};
};

ESPALIER_REGISTER(Task, Inpaint, "inpaint",
                  "masked prediction: what did the hidden squares of the image hold?");

}  // namespace
}  // namespace espalier::pretext
