// Masked autoencoder (He et al., "Masked autoencoders are scalable vision learners", CVPR 2022,
// section 3 and appendix A.1): most patches of an image are hidden, the backbone sees the others
// alone, and a small decoder says what pixels the hidden ones have.
//
// View [n, C, H, W] -> the backbone on a random quarter of its P patches, [n, prefix + K, D] ->
// decoder -> [n, P - K, side * side * C]. The loss of a sample is the mean squared error over the
// values of its hidden patches, each patch normalised by its own mean and variance.
//
//   decoder self   as published: tokens of shown patches and a mask token for each hidden one
//                  attend to each other
//   decoder cross  hidden patches attend to shown ones, not to each other (Fu et al., "Rethinking
//                  patch dependence for masked autoencoders", 2024, section 3.2), so that
//                  `predicted` may be a part of them at less cost. Difference: the decoder reads
//                  the last block of the backbone, not a mixture of all.
//
// Asks for a backbone of patches. Difference to the released code: hidden patches alone pass
// through the last layer, whose other outputs have no loss.
#include <torch/torch.h>

#include "pretext/blocks/patch_masks.h"
#include "pretext/blocks/patch_predictor.h"
#include "pretext/blocks/patches.h"
#include "pretext/reconstructs.h"
#include "tensor/convert.h"

namespace espalier::pretext {
namespace {

enum class Decoder { kSelf, kCross };
constexpr auto names_of(Decoder) {
  using enum Decoder;
  return names<Decoder>({{kSelf, "self"}, {kCross, "cross"}});
}

class Mae : public Task, public Reconstructs {
 public:
  About about() const override {
    return {.family = Family::kMasked,
            .paper = "He et al. 2022; decoder: cross by Fu et al. 2024",
            .loss = "squared error of hidden patches, each normalised",
            .needs = "patches; a decoder",
            .differs = "decoder: cross reads the last block of the backbone alone"};
  }

  Fields fields() override {
    return {
        {"mask_ratio",
         &mask_ratio_,
         {.min = 0, .max = 1, .help = "share of the patches that are hidden"}},
        {"normalise_pixels",
         &normalise_pixels_,
         {.help = "predict each patch scaled to mean 0 and variance 1"}},
        {"decoder",
         &decoder_kind_,
         {.help = "self: all patches attend to all; cross: hidden patches attend to shown ones"}},
        {"decoder_width",
         &width_,
         {.min = 4,
          .max = 65536,
          .unit = "channels",
          .help = "width of the decoder; there is an attention head for every 32 channels"}},
        {"decoder_depth",
         &depth_,
         {.min = 1, .max = 1000, .unit = "blocks", .help = "number of blocks of the decoder"}},
        {"predicted",
         &predicted_,
         {.min = 0,
          .max = 1,
          .help = "share of the hidden patches that are predicted; the others cost nothing"}}};
  }

  void build(const Site& site) override {
    patches_ = require_patches(site, "mae", 2);
    kept_ = share_of(1 - mask_ratio_, patches_.count());
    const int64_t hidden = patches_.count() - kept_;
    wanted_ = std::max<int64_t>(1, std::lround(predicted_ * static_cast<double>(hidden)));
    const int64_t values = patches_.side * patches_.side * site.input().channels;
    check(values > 1 || !normalise_pixels_, Kind::kUsage,
          "patches of one value cannot be normalised (try: task.normalise_pixels=false)");
    decoder_ =
        register_module("decoder", std::make_shared<PatchPredictor>(
                                       patches_,
                                       PredictorOptions{.width = width_,
                                                        .depth = depth_,
                                                        .crosses = decoder_kind_ == Decoder::kCross,
                                                        .outputs = values},
                                       "task.decoder_width"));
  }

  LaneOutput run(model::Backbone& backbone, const LaneInput& input) override {
    const Answer answer = this->answer(backbone, input);
    const torch::Tensor pixels = pixels_of_patches(input.views[0], patches_);
    const auto [mean, deviation] = statistics(pixels);
    const torch::Tensor target = rows_at((pixels - mean) / deviation, answer.wanted);
    return {.losses = (answer.prediction - target).square().mean({1, 2})};
  }

  // The mean and deviation of hidden patches, which the network does not know, are put back from
  // the image.
  Reconstruction reconstruct(model::Backbone& backbone, const LaneInput& input) override {
    const torch::NoGradGuard no_grad;
    const Answer answer = this->answer(backbone, input);
    const torch::Tensor pixels = pixels_of_patches(input.views[0], patches_);
    const auto [mean, deviation] = statistics(pixels);
    const auto rows = [&](const torch::Tensor& places) {
      return places.unsqueeze(2).expand({-1, -1, pixels.size(2)});
    };
    const torch::Tensor shown =
        torch::zeros_like(pixels).scatter(1, rows(answer.shown), rows_at(pixels, answer.shown));
    const torch::Tensor predicted =
        answer.prediction.to(pixels.scalar_type()) * rows_at(deviation, answer.wanted) +
        rows_at(mean, answer.wanted);
    return {images_of_patches(shown, patches_),
            images_of_patches(shown.scatter(1, rows(answer.wanted), predicted), patches_)};
  }

 private:
  struct Answer {
    torch::Tensor shown, wanted;  // i64 [n, K] and [n, Q]: patches
    torch::Tensor prediction;     // [n, Q, side * side * C]
  };
  Answer answer(model::Backbone& backbone, const LaneInput& input) {
    const torch::Tensor& x = input.views[0];
    const PatchSplit split = random_split(input, "mae.mask", patches_.count(), kept_);
    const torch::Tensor shown = split.kept.to(x.device());
    const torch::Tensor wanted = split.hidden.slice(1, 0, wanted_).to(x.device());
    model::Features features = input.features(x);
    features.kept = shown;
    const torch::Tensor tokens =
        backbone.forward(std::move(features), 0, backbone.stage_count()).values;
    return {shown, wanted, decoder_->forward(tokens, shown, wanted)};
  }

  // Mean and deviation of each patch [n, P, 1], by which its pixels are normalised.
  std::pair<torch::Tensor, torch::Tensor> statistics(const torch::Tensor& pixels) const {
    const torch::Tensor mean = pixels.mean(2, /*keepdim=*/true);
    if (!normalise_pixels_) return {torch::zeros_like(mean), torch::ones_like(mean)};
    return {mean, (pixels.var(2, /*unbiased=*/true, /*keepdim=*/true) + 1e-6).sqrt()};
  }

  double mask_ratio_ = 0.75, predicted_ = 1;
  bool normalise_pixels_ = true;
  Decoder decoder_kind_ = Decoder::kSelf;
  int64_t width_ = 512, depth_ = 8;

  model::Patches patches_;
  int64_t kept_ = 1, wanted_ = 1;
  std::shared_ptr<PatchPredictor> decoder_;
};

ESPALIER_REGISTER(
    Task, Mae, "mae",
    "masked prediction: which pixels have the patches that the backbone did not see?");

}  // namespace
}  // namespace espalier::pretext
