// I-JEPA (Assran et al., "Self-supervised learning from images with a joint-embedding predictive
// architecture", CVPR 2023, section 3 and appendix A): from a part of an image, the context, the
// features of other blocks are predicted, as a teacher that sees the whole image has them.
//
// View [n, C, H, W] -> teacher -> features [n, P, D] of all patches, each scaled to mean 0 and
// variance 1. Backbone on K patches -> predictor -> [n, Q, D] for each of `targets` blocks, one
// block at a time. The loss of a sample is the mean distance over its blocks: smooth L1, as in the
// released code, where section 3 has the squared one. The teacher follows the backbone with a
// momentum that grows linearly from `momentum` to 1.
//
// Asks for a backbone of patches (published: model.class_token=false). Blocks of the targets cover
// 15 to 20 % of the patches, with an aspect of 0.75 to 1.5; the context is a block of 85 to 100 %
// without the targets. Differences to the released code: all samples keep `context` of their
// patches, chosen at random, where the code keeps as many as the poorest sample of a batch has,
// from the top; sizes are drawn once a step for all ranks.
#include <torch/torch.h>

#include "pretext/blocks/momentum_encoder.h"
#include "pretext/blocks/patch_masks.h"
#include "pretext/blocks/patch_predictor.h"
#include "pretext/blocks/patches.h"

namespace espalier::pretext {
namespace {

constexpr BlockRange kContext{0.85, 1, 1, 1}, kTarget{0.15, 0.2, 0.75, 1.5};

class IJepa : public Task {
 public:
  About about() const override {
    return {.family = Family::kMasked,
            .paper = "Assran et al. 2023",
            .loss = "smooth L1 to the features of hidden blocks",
            .needs = "patches; a teacher, a predictor",
            .differs = "every sample keeps an equal share of its patches, chosen at random"};
  }

  Fields fields() override {
    return {
        {"targets",
         &targets_,
         {.min = 1, .max = 64, .help = "blocks of each image whose features are predicted"}},
        {"context",
         &context_,
         {.min = 0, .max = 0.35, .help = "share of the patches that the backbone is shown"}},
        {"momentum",
         &momentum_,
         {.min = 0, .max = 1, .help = "of the teacher at the first step; it grows to 1"}},
        {"predictor_width",
         &width_,
         {.min = 4,
          .max = 65536,
          .unit = "channels",
          .help = "width of the predictor; there is an attention head for every 32 channels"}},
        {"predictor_depth",
         &depth_,
         {.min = 1, .max = 1000, .unit = "blocks", .help = "number of blocks of the predictor"}}};
  }

  void build(const Site& site) override {
    patches_ = require_patches(site, "ijepa", 4);
    check(std::min(patches_.rows, patches_.columns) >= 2, Kind::kUsage,
          "ijepa needs two rows and columns of patches, these images have {} x {} (try: a smaller "
          "model.patch)",
          patches_.rows, patches_.columns);
    kept_ = share_of(context_, patches_.count());
    predictor_ = register_module(
        "predictor",
        std::make_shared<PatchPredictor>(
            patches_, PredictorOptions{.width = width_, .depth = depth_, .outputs = patches_.width},
            "task.predictor_width"));
    teacher_ = register_module("teacher", site.another_backbone());
    make_teacher(*teacher_);
  }

  void weights_drawn(model::Backbone& backbone) override { begin_as(*teacher_, backbone); }

  LaneOutput run(model::Backbone& backbone, const LaneInput& input) override {
    const torch::Tensor& x = input.views[0];
    const ContextAndTargets masks =
        context_and_targets(input, "ijepa.blocks", patches_, kept_, targets_, kContext, kTarget);
    const torch::Tensor shown = masks.context.to(x.device());
    const torch::Tensor blocks = masks.targets.flatten(0, 1).to(x.device());  // [n * targets, Q]
    model::Features features = input.features(x);
    features.kept = shown;
    const torch::Tensor tokens =
        backbone.forward(std::move(features), 0, backbone.stage_count()).values;
    const torch::Tensor prediction = predictor_->forward(
        tokens.repeat_interleave(targets_, 0), shown.repeat_interleave(targets_, 0), blocks);
    const torch::Tensor target =
        rows_at(teacher_features(x).repeat_interleave(targets_, 0), blocks);
    const torch::Tensor losses =
        torch::smooth_l1_loss(prediction.to(target.scalar_type()), target, at::Reduction::None);
    return {.losses = losses.mean({1, 2}).view({-1, targets_}).mean(1)};
  }

  Scalars after_step(model::Backbone& backbone, const Step& step, const Gathered&) override {
    const double done = static_cast<double>(step.number) / static_cast<double>(step.total);
    const double momentum = momentum_ + (1 - momentum_) * done;
    follow(*teacher_, backbone, momentum);
    return {{"momentum", momentum}};
  }

 private:
  // [n, P, D] without a graph.
  torch::Tensor teacher_features(const torch::Tensor& x) {
    const torch::NoGradGuard no_grad;
    const torch::Tensor tokens = teacher_->forward({x}, 0, teacher_->stage_count()).values;
    return torch::layer_norm(tokens.slice(1, teacher_->prefix_tokens()), {patches_.width});
  }

  int64_t targets_ = 4;
  double context_ = 0.25, momentum_ = 0.996;
  int64_t width_ = 384, depth_ = 6;

  model::Patches patches_;
  int64_t kept_ = 1;
  std::shared_ptr<PatchPredictor> predictor_;
  std::shared_ptr<model::Backbone> teacher_;
};

ESPALIER_REGISTER(
    Task, IJepa, "ijepa",
    "masked prediction: which features has a teacher where the backbone saw nothing?");

}  // namespace
}  // namespace espalier::pretext
