// Colorization as classification (Zhang, Isola & Efros, "Colorful image colorization", ECCV 2016,
// section 2): the network sees how light each pixel is and predicts its colour, as one of the
// squares of the a-b plane of CIE L*a*b* (pretext/blocks/lab.h; eq. 2).
//
// Views [n, 3, H, W] are brought back to sRGB by the mean and deviation that they were normalised
// by. The backbone takes as many channels as the data have, so L / 100,
// normalised as the data are, stands in all three. A 1x1 convolution on the last map [D, h, w] (a
// vector is a 1 x 1 map, tokens are the map of their patches) gives scores of the classes; the
// answer is the class of the mean a and b over the pixels of each place. The loss of a sample is
// the mean cross entropy of its places.
//
// With rebalance=true a place weighs 1 / ((1 - l) p + l / Q), l = 1/2, scaled to mean 1 over p (eq.
// 4), where p is how frequent its class is: here a running mean over batches, in the paper counted
// on ImageNet and smoothed.
// Differences besides: 261 classes, those that sRGB reaches (the paper has 313); hard answers
// instead of soft ones over five classes; the map is that of the backbone, which is not widened.
#include <torch/torch.h>

#include "pretext/blocks/lab.h"
#include "pretext/blocks/patches.h"
#include "pretext/task.h"

namespace espalier::pretext {
namespace {

constexpr double kFrequencyMomentum = 0.99, kUniformShare = 0.5;

class Colorization : public Task {
 public:
  About about() const override {
    return {.family = Family::kTransformation,
            .paper = "Zhang et al. 2016",
            .loss = "cross entropy of 261 classes of colour at each place",
            .needs = "3 channels",
            .differs =
                "261 classes instead of 313; hard answers; frequencies are counted while training"};
  }

  Fields fields() override {
    return {{"rebalance",
             &rebalance_,
             {.help = "rare colours weigh more in the loss, by how rare they have been so far"}}};
  }

  void build(const Site& site) override {
    const image::ViewShape& input = site.input();
    check(input.channels == 3, Kind::kUsage,
          "task.name is colorization, which takes images of 3 channels, these have {} (try: "
          "another task)",
          input.channels);
    mean_ = site.mean;
    std_ = site.std;
    const int64_t width = map_shape(site.backbone, input).front();
    const auto classes = static_cast<int64_t>(ab_bins().size());
    classifier_ = register_module("classifier",
                                  torch::nn::Conv2d(torch::nn::Conv2dOptions(width, classes, 1)));
    if (rebalance_)
      frequencies_ =
          register_state("frequencies", torch::full({classes}, 1 / static_cast<double>(classes)));
  }

  LaneOutput run(model::Backbone& backbone, const LaneInput& input) override {
    const torch::Tensor& x = input.views[0];
    const torch::Tensor mean = per_channel(mean_, x), std = per_channel(std_, x);
    const torch::Tensor lab = rgb_to_lab((x * std + mean).clamp(0, 1));
    const torch::Tensor grey = ((lab.narrow(1, 0, 1) / 100 - mean) / std).expand_as(x);
    const torch::Tensor values =
        backbone.forward(input.features(grey), 0, backbone.stage_count()).values;
    const torch::Tensor logits =
        classifier_->forward(as_map(backbone, values, {x.size(1), x.size(2), x.size(3)}));
    const torch::Tensor answer =
        quantised_ab(at::adaptive_avg_pool2d(lab.narrow(1, 1, 2), logits.sizes().slice(2)));
    torch::Tensor losses = torch::cross_entropy_loss(logits, answer, {}, at::Reduction::None);
    if (rebalance_) losses = losses * weights().to(losses.dtype()).index({answer});
    const torch::Tensor right = logits.detach().argmax(1).eq(answer).to(losses.scalar_type());
    LaneOutput output{.losses = losses.mean({1, 2}), .metrics = {{"accuracy", right.mean({1, 2})}}};
    if (rebalance_)
      output.sums =
          torch::bincount(answer.flatten(), {}, classifier_->options.out_channels()).to(x.dtype());
    return output;
  }

  Scalars after_step(model::Backbone&, const Step&, const Gathered& batch) override {
    if (rebalance_)
      frequencies_.mul_(kFrequencyMomentum)
          .add_(batch.sums / batch.sums.sum(), 1 - kFrequencyMomentum);
    return {};
  }

 private:
  static torch::Tensor per_channel(const std::vector<double>& values, const torch::Tensor& x) {
    return torch::tensor(values, torch::kDouble).to(x.options()).view({1, -1, 1, 1});
  }

  // Of each class, 1 on average over what has been seen.
  torch::Tensor weights() const {
    const auto classes = static_cast<double>(frequencies_.numel());
    const torch::Tensor weights =
        1 / (frequencies_ * (1 - kUniformShare) + kUniformShare / classes);
    return weights * (frequencies_.sum() / (weights * frequencies_).sum());
  }

  std::vector<double> mean_, std_;
  bool rebalance_ = false;
  torch::nn::Conv2d classifier_{nullptr};
  torch::Tensor frequencies_;
};

ESPALIER_REGISTER(Task, Colorization, "colorization",
                  "which colour has each place of the image, of which the network sees the grey?");

}  // namespace
}  // namespace espalier::pretext
