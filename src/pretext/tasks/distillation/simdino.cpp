// SimDINO (Wu et al., "Simplifying DINO via coding rate regularization", ICML 2025, section 3):
// DINO without prototypes, centre and temperatures. The student's embedding of each view is drawn
// to the teacher's of another one, and the embeddings of the whole batch are kept apart by their
// coding rate.
//
// Views as for DINO (dino.cpp) -> pooled features -> projector (three layers, GELU, no
// normalisation) -> z [n, d], rows of length 1. Loss: the mean over the pairs of different views of
// |z_s - z_t|^2 / 2 = 1 - z_s . z_t, minus `rate_weight` g R, where R is the mean over the two
// global crops of 1/2 logdet(I + d / (B distortion) Z^T Z) of the student's z over the whole batch
// B, and g = (d + B) / (d B), with which the authors' code balances both. The teacher's momentum
// rises to 1 as a cosine. The loss lies between -g R and 2; a collapsed network has a rate of
// about 1/2 log(1 + d / distortion), one that fills its space d / 2 log(1 + 1 / distortion).
//
// Any backbone; where local crops are smaller one that takes several sizes.
#include <torch/torch.h>

#include "config/plugin_options.h"
#include "pretext/blocks/coding_rate.h"
#include "pretext/blocks/cross_view.h"
#include "pretext/blocks/projector.h"
#include "pretext/blocks/rows.h"
#include "pretext/blocks/self_distillation.h"

namespace espalier::pretext {
namespace {

class SimDino : public SelfDistillation {
 public:
  About about() const override {
    return {.family = Family::kDistillation,
            .paper = "Wu et al. 2025",
            .loss = "distance to the teacher, minus the coding rate of the batch",
            .needs = "a teacher"};
  }

  Fields fields() override {
    return config::with(
        SelfDistillation::fields(),
        {{"hidden",
          &hidden_,
          {.min = 1,
           .max = 65536,
           .unit = "units",
           .help = "width of the projector's two hidden layers"}},
         {"dimension",
          &dimension_,
          {.min = 1, .max = 65536, .unit = "units", .help = "width of the embedding z"}},
         {"distortion",
          &distortion_,
          {.min = 1e-6, .max = 1e6, .help = "squared error up to which the rate codes z"}},
         {"rate_weight",
          &rate_weight_,
          {.min = 0, .max = 1e6, .help = "of the coding rate in the loss"}}});
  }

  bool compares() const override { return true; }

  void build(const Site& site) override {
    build_teacher(site);
    const auto make = [&] {
      return make_projector(site.width(), {.widths = {hidden_, hidden_, dimension_},
                                           .hidden_norm = false,
                                           .activation = Activation::kGelu});
    };
    projector_ = register_module("projector", make());
    teacher_projector_ = register_module("teacher_projector", make());
    pair(teacher_projector_.ptr(), projector_.ptr());
  }

  LaneOutput run(model::Backbone& backbone, const LaneInput& input) override {
    const torch::Tensor teacher = [&] {
      const torch::NoGradGuard no_grad;
      return unit_rows(teacher_projector_->forward(teacher_features(input)));
    }();
    const torch::Tensor student = unit_rows(projector_->forward(student_features(backbone, input)));
    const torch::Tensor similarity = mean_over_pairs(teacher.unflatten(0, {kGlobalCrops, -1}),
                                                     student.unflatten(0, {view_count(), -1}));
    return {.losses = 1 - similarity,
            .embeddings = side_by_side(student.narrow(0, 0, teacher.size(0)), kGlobalCrops),
            .metrics = {{"similarity", similarity.detach()}}};
  }

  Compared compare(const Gathered& batch, const Part& part) override {
    const auto samples = static_cast<double>(batch.embeddings.size(0));
    const auto width = static_cast<double>(dimension_);
    torch::Tensor rate = torch::zeros({}, batch.embeddings.options());
    for (const torch::Tensor& crop : batch.embeddings.chunk(kGlobalCrops, 1))
      rate = rate + coding_rate(crop, distortion_, part) / kGlobalCrops;
    const double balance = rate_weight_ * (width + samples) / (width * samples);
    return {-balance * rate, /*weight=*/1, {{"coding_rate", rate.detach()}}};
  }

 private:
  int64_t hidden_ = 2048, dimension_ = 256;
  double distortion_ = 0.5, rate_weight_ = 1;
  torch::nn::Sequential projector_{nullptr}, teacher_projector_{nullptr};
};

ESPALIER_REGISTER(Task, SimDino, "simdino",
                  "self-distillation: DINO whose embeddings are kept apart by their coding rate");

}  // namespace
}  // namespace espalier::pretext
