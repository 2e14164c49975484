// SimMIM (Xie et al., "SimMIM: a simple framework for masked image modeling", CVPR 2022, section
// 3): squares of the image are hidden, and one linear layer says what pixels they have.
//
// View [n, C, H, W] -> backbone -> last map [n, D, h, w] -> 1x1 convolution to C * r * r channels,
// which are shuffled into r x r pixels. The loss of a sample is the mean absolute error over its
// hidden pixels.
//
// A backbone of patches has a mask token in the place of hidden patches, as published. In any other
// hidden pixels enter as 0, the mean of normalised data; where r h is not H, the prediction is
// resized (nearest).
#include <torch/torch.h>

#include "pretext/blocks/patch_masks.h"
#include "pretext/blocks/patches.h"
#include "pretext/reconstructs.h"
#include "tensor/convert.h"

namespace espalier::pretext {
namespace {

class SimMim : public Task, public Reconstructs {
 public:
  About about() const override {
    return {.family = Family::kMasked,
            .paper = "Xie et al. 2022",
            .loss = "absolute error of hidden pixels, said by one layer",
            .differs = "backbones of maps see hidden pixels as 0"};
  }

  Fields fields() override {
    return {{"mask_ratio",
             &mask_ratio_,
             {.min = 0, .max = 1, .help = "share of the squares that are hidden"}},
            {"side",
             &side_,
             {.min = 0,
              .max = 65536,
              .unit = "px",
              .help = "side of a hidden square; 0 = a sixth of the image's shorter side, rounded "
                      "down to whole patches"}}};
  }

  void build(const Site& site) override {
    input_ = site.input();
    patches_ = site.backbone.patches(input_);
    const int64_t unit = patches_ ? patches_->side : 1;
    const int64_t shorter = std::min(input_.height, input_.width);
    if (side_ == 0) side_ = std::max<int64_t>(1, shorter / 6 / unit) * unit;
    check(side_ % unit == 0, Kind::kUsage,
          "task.side is {}, which is not a multiple of model.patch, {} (try: task.side=0)", side_,
          unit);
    const int64_t height = patches_ ? patches_->rows * unit : input_.height;
    const int64_t width = patches_ ? patches_->columns * unit : input_.width;
    check(std::max(height, width) > side_, Kind::kUsage,
          "a square of task.side {} hides the whole image of {} x {} pixels (try: task.side=0, or "
          "a smaller model.patch)",
          side_, input_.height, input_.width);
    const std::vector<int64_t> shape = map_shape(site.backbone, input_);
    factor_ = std::max((height + shape[1] - 1) / shape[1], (width + shape[2] - 1) / shape[2]);
    if (patches_)
      mask_token_ = register_parameter("mask_token", torch::empty({1, 1, patches_->width}));
    head_ = register_module("head",
                            torch::nn::Conv2d(torch::nn::Conv2dOptions(
                                shape[0], input_.channels * factor_ * factor_, /*kernel_size=*/1)));
  }

  LaneOutput run(model::Backbone& backbone, const LaneInput& input) override {
    const auto [x, hidden, prediction] = answer(backbone, input);
    const torch::Tensor error = (prediction - x).abs() * hidden;
    return {.losses = error.sum({1, 2, 3}) / (hidden.sum({1, 2, 3}) * x.size(1)),
            .metrics = {{"hidden_share", hidden.mean({1, 2, 3})}}};
  }

  Reconstruction reconstruct(model::Backbone& backbone, const LaneInput& input) override {
    const torch::NoGradGuard no_grad;
    const auto [x, hidden, prediction] = answer(backbone, input);
    const torch::Tensor shown = x * (1 - hidden);
    return {shown, shown + prediction * hidden};
  }

 private:
  struct Answer {
    torch::Tensor x;           // the visible part of the images
    torch::Tensor hidden;      // [n, 1, H, W]: 1 where a pixel is hidden
    torch::Tensor prediction;  // as x
  };
  Answer answer(model::Backbone& backbone, const LaneInput& input) {
    const torch::Tensor x = visible_part(input.views[0]);
    const torch::Tensor squares = mask(input);
    const torch::Tensor hidden = tensor::to_like(squares.unsqueeze(1), x);
    const torch::Tensor map = as_map(backbone, features(backbone, input, squares, hidden), input_);
    torch::Tensor prediction = torch::pixel_shuffle(head_->forward(map), factor_);
    if (prediction.size(2) != x.size(2) || prediction.size(3) != x.size(3))
      prediction = torch::upsample_nearest2d(prediction, {x.size(2), x.size(3)});
    return {x, hidden, prediction};
  }

  // Without pixels that make no whole patch.
  torch::Tensor visible_part(const torch::Tensor& x) const {
    if (!patches_) return x;
    return x.slice(2, 0, patches_->rows * patches_->side)
        .slice(3, 0, patches_->columns * patches_->side);
  }

  // bool [n, H, W]: the hidden pixels.
  torch::Tensor mask(const LaneInput& input) const {
    if (!patches_)
      return random_squares(input, "simmim.squares", input_.height, input_.width, side_,
                            mask_ratio_);
    return random_squares(input, "simmim.squares", patches_->rows, patches_->columns,
                          side_ / patches_->side, mask_ratio_)
        .repeat_interleave(patches_->side, 1)
        .repeat_interleave(patches_->side, 2);
  }

  torch::Tensor features(model::Backbone& backbone, const LaneInput& input,
                         const torch::Tensor& squares, const torch::Tensor& hidden) const {
    model::Features features = input.features(input.views[0]);
    if (patches_) {
      const int64_t side = patches_->side;
      features.masked = squares.slice(1, 0, std::nullopt, side)
                            .slice(2, 0, std::nullopt, side)
                            .flatten(1)
                            .to(hidden.device());
      features.mask_token = mask_token_.view({-1});
    } else {
      features.values = features.values * (1 - hidden);
    }
    return backbone.forward(std::move(features), 0, backbone.stage_count()).values;
  }

  double mask_ratio_ = 0.6;
  int64_t side_ = 0;
  image::ViewShape input_;
  std::optional<model::Patches> patches_;
  int64_t factor_ = 1;  // pixels that a place of the map predicts, across
  torch::Tensor mask_token_;
  torch::nn::Conv2d head_{nullptr};
};

ESPALIER_REGISTER(Task, SimMim, "simmim",
                  "masked prediction: which pixels do hidden squares have, by one linear layer?");

}  // namespace
}  // namespace espalier::pretext
