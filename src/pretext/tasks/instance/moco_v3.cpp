// MoCo v3 (Chen, Xie & He, "An empirical study of training self-supervised vision transformers",
// ICCV 2021, eq. 1 and algorithm 1): a query finds its key, a teacher's, among those of the whole
// batch; no queue.
//
// Views 2 x [n, C, H, W] -> one forward over [2n, C, H, W] -> pooled features -> projector ->
// predictor -> queries q1, q2; the teacher, without a predictor, gives keys k1, k2; all of length
// 1. Of sample i
//   l_i = ctr(q1_i, k2) + ctr(q2_i, k1),
//   ctr(q_i, k) = -2 T log( exp(q_i . k_i / T) / sum_j exp(q_i . k_j / T) ), j over the batch.
// After a step the teacher follows with a momentum that rises to 1 by a cosine. A fresh network
// shows about 4 T ln B for a batch of B: 6.65 for 4096 and T = 0.2.
//
// Heads as in the authors' code, no layer with a bias: `resnet` has a projector of 2 layers and a
// predictor of 2 without a normalisation at the end; `vit` 3 and 2, both with one. Defaults are the
// paper's for a vision transformer, but for the heads; it takes T = 1 for a ResNet-50, and 0.2 is
// usual on CIFAR (solo-learn). The projection of patches is not trained (section 4.2). Difference:
// both views go through a network in one forward.
#include <torch/torch.h>

#include "pretext/blocks/contrast.h"
#include "pretext/blocks/course.h"
#include "pretext/blocks/momentum_branch.h"
#include "pretext/blocks/rows.h"

namespace espalier::pretext {
namespace {

enum class Heads { kResnet, kVit };
constexpr auto names_of(Heads) {
  using enum Heads;
  return names<Heads>({{kResnet, "resnet"}, {kVit, "vit"}});
}

class MocoV3 : public Task {
 public:
  About about() const override {
    return {.family = Family::kInstance,
            .paper = "Chen et al. 2021",
            .loss = "contrast with the keys of the batch",
            .needs = "a teacher, a predictor",
            .differs = "both views in one forward pass"};
  }

  Fields fields() override {
    return {{"temperature", &temperature_, {.min = 1e-3, .max = 1000, .help = "T of the loss"}},
            {"momentum",
             &momentum_,
             {.min = 0, .max = 1, .help = "the teacher's at the first step; it rises to 1"}},
            {"heads", &heads_, {.help = "projector and predictor as published for this backbone"}},
            {"hidden",
             &hidden_,
             {.min = 1,
              .max = 65536,
              .unit = "units",
              .help = "width of the hidden layers of projector and predictor"}},
            {"dimension",
             &dimension_,
             {.min = 1, .max = 65536, .unit = "units", .help = "width of queries and keys"}},
            {"frozen_patches",
             &frozen_patches_,
             {.help = "a vision transformer's projection of patches stays as it began, which is "
                      "what keeps its training stable"}}};
  }

  int64_t view_count() const override { return 2; }
  bool compares() const override { return true; }

  void build(const Site& site) override {
    ProjectorShape projector{.widths = {hidden_, dimension_}, .last_norm = LastNorm::kBatchPlain};
    ProjectorShape predictor{.widths = {hidden_, dimension_}, .last_bias = false};
    if (heads_ == Heads::kVit) {
      projector.widths = {hidden_, hidden_, dimension_};
      predictor.last_norm = LastNorm::kBatchPlain;
    }
    projector_ = register_module("projector", make_projector(site.width(), projector));
    predictor_ = register_module("predictor", make_projector(dimension_, predictor));
    teacher_ = MomentumBranch(*this, site, projector);
  }

  void weights_drawn(model::Backbone& backbone) override {
    teacher_.begin_as(backbone, projector_);
  }

  LaneOutput run(model::Backbone& backbone, const LaneInput& input) override {
    const torch::Tensor x = torch::cat(input.views);
    const torch::Tensor query =
        unit_rows(predictor_->forward(projector_->forward(backbone.represent(input.features(x)))));
    const torch::Tensor key = unit_rows(teacher_.embed(x));
    return {.embeddings = side_by_side(query, 2), .detached = side_by_side(key, 2)};
  }

  // A part is queries: both views of some samples.
  Compared compare(const Gathered& batch, const Part& part) override {
    Compared compared = cross_contrast(batch.embeddings, batch.detached, temperature_, part);
    compared.sum = compared.sum * (4 * temperature_);  // 2 T, and queries of both views are added
    return compared;
  }

  bool trains_backbone(const std::string& name, const Step&) const override {
    return !frozen_patches_ || !name.starts_with("patch_embed.");
  }

  Scalars after_step(model::Backbone& backbone, const Step& step, const Gathered&) override {
    const double momentum = Course{.from = momentum_, .to = 1}.at(step);
    teacher_.follow(backbone, projector_, momentum);
    return {{"momentum", momentum}};
  }

 private:
  double temperature_ = 0.2;
  double momentum_ = 0.99;
  Heads heads_ = Heads::kResnet;
  int64_t hidden_ = 4096;
  int64_t dimension_ = 256;
  bool frozen_patches_ = true;
  torch::nn::Sequential projector_{nullptr}, predictor_{nullptr};
  MomentumBranch teacher_;
};

ESPALIER_REGISTER(Task, MocoV3, "moco_v3",
                  "instance discrimination: which key of the batch, a teacher's, is the image's?");

}  // namespace
}  // namespace espalier::pretext
