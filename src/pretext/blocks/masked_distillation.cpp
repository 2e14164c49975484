#include "pretext/blocks/masked_distillation.h"

#include <torch/torch.h>

#include "config/plugin_options.h"
#include "pretext/blocks/patches.h"

namespace espalier::pretext {

Fields MaskedDistillation::fields() {
  return config::with(SelfDistillation::fields(), masks_.fields());
}

void MaskedDistillation::build_masked(const Site& site, const std::string& task) {
  patches_ = require_patches(site, task, 2);
  const image::ViewShape &first = site.views[0], &second = site.views[1];
  check(first == second, Kind::kUsage,
        "{} takes two global crops of one size, these have {} x {} and {} x {} pixels (try: "
        "augment.views: [dino])",
        task, first.height, first.width, second.height, second.width);
  check(masks_.least <= masks_.most, Kind::kUsage,
        "task.mask_least is {}, above task.mask_most, {} (try: task.mask_least={})", masks_.least,
        masks_.most, masks_.most);
  build_teacher(site);
  mask_token_ = register_parameter("mask_token", torch::empty({patches_.width}));
}

MaskedDistillation::Encoded MaskedDistillation::encode(model::Backbone& backbone,
                                                       const LaneInput& input) const {
  const at::Tensor crops = torch::cat({input.views[0], input.views[1]});
  Encoded encoded;
  encoded.mask =
      block_masks(input, "block_mask", kGlobalCrops, patches_, masks_).to(crops.device());
  const auto masked_rows = [&](const model::Backbone& of, const at::Tensor& tokens) {
    return tokens.slice(1, of.prefix_tokens()).index({encoded.mask});
  };
  {
    const torch::NoGradGuard no_grad;
    const at::Tensor tokens = teacher().forward({crops}, 0, teacher().stage_count()).values;
    encoded.teacher = teacher().pooled(tokens);
    encoded.teacher_patches = masked_rows(teacher(), tokens);
  }
  model::Features features = input.features(crops, 0);
  features.masked = encoded.mask;
  features.mask_token = mask_token_;
  const at::Tensor tokens = backbone.forward(features, 0, backbone.stage_count()).values;
  encoded.student = backbone.pooled(tokens);
  encoded.student_patches = masked_rows(backbone, tokens);
  if (view_count() > kGlobalCrops)
    encoded.student =
        torch::cat({encoded.student, student_features(backbone, input, kGlobalCrops, 1)});
  return encoded;
}

at::Tensor mean_of_masked(const at::Tensor& losses, const at::Tensor& mask) {
  const at::Tensor all = torch::zeros(mask.sizes(), losses.options()).masked_scatter(mask, losses);
  return all.sum(1) / mask.sum(1).clamp_min(1);
}

}  // namespace espalier::pretext
