// BYOL (Grill et al., "Bootstrap your own latent", NeurIPS 2020, section 3.1, eq. 2, and algorithm
// 1): from one view the student predicts what a teacher makes of the other.
//
// Views 2 x [n, C, H, W] -> one forward over [2n, C, H, W] -> pooled features -> projector -> z ->
// predictor -> q(z); the teacher, a backbone and a projector of its own, gives z'. Of a sample
//   l = |q1 / |q1| - z2' / |z2'||^2 + |q2 / |q2| - z1' / |z1'||^2 = 4 - 2 cos(q1, z2')
//       - 2 cos(q2, z1'),
// no gradient in z'. After a step the teacher follows, momentum * teacher + (1 - momentum) *
// student, with a momentum that rises to 1 by a cosine (section 3.3). A fresh network shows about
// 4: prediction and target are at right angles.
//
// Projector and predictor: linear, batch normalisation, ReLU, linear without a bias; widths of the
// paper. Momentum 0.99 is the authors' for 100 and 300 epochs, and the usual one on CIFAR
// (solo-learn); they take 0.996 for 1000 epochs of ImageNet. Differences: both views go through a
// network in one forward, so batch normalisation sees both; no bias in front of a normalisation.
#include <torch/torch.h>

#include "pretext/blocks/course.h"
#include "pretext/blocks/momentum_branch.h"
#include "pretext/blocks/rows.h"

namespace espalier::pretext {
namespace {

class Byol : public Task {
 public:
  About about() const override {
    return {.family = Family::kInstance,
            .paper = "Grill et al. 2020",
            .loss = "squared distance to the teacher of the other view",
            .needs = "a teacher, a predictor",
            .differs = "both views in one forward pass"};
  }

  Fields fields() override {
    return {{"hidden",
             &hidden_,
             {.min = 1,
              .max = 65536,
              .unit = "units",
              .help = "width of the hidden layer of projector and predictor"}},
            {"dimension",
             &dimension_,
             {.min = 1, .max = 65536, .unit = "units", .help = "width of the embedding z"}},
            {"momentum",
             &momentum_,
             {.min = 0, .max = 1, .help = "the teacher's at the first step; it rises to 1"}}};
  }

  int64_t view_count() const override { return 2; }

  void build(const Site& site) override {
    const ProjectorShape shape{.widths = {hidden_, dimension_}, .last_bias = false};
    projector_ = register_module("projector", make_projector(site.width(), shape));
    predictor_ = register_module("predictor", make_projector(dimension_, shape));
    teacher_ = MomentumBranch(*this, site, shape);
  }

  void weights_drawn(model::Backbone& backbone) override {
    teacher_.begin_as(backbone, projector_);
  }

  LaneOutput run(model::Backbone& backbone, const LaneInput& input) override {
    const torch::Tensor x = torch::cat(input.views);
    const torch::Tensor prediction =
        unit_rows(predictor_->forward(projector_->forward(backbone.represent(input.features(x)))));
    const int64_t samples = x.size(0) / 2;
    const torch::Tensor target =
        unit_rows(teacher_.embed(x)).roll(samples, 0);  // of the other view
    return {.losses = (2 - 2 * (prediction * target).sum(1)).view({2, samples}).sum(0)};
  }

  Scalars after_step(model::Backbone& backbone, const Step& step, const Gathered&) override {
    const double momentum = Course{.from = momentum_, .to = 1}.at(step);
    teacher_.follow(backbone, projector_, momentum);
    return {{"momentum", momentum}};
  }

 private:
  int64_t hidden_ = 4096;
  int64_t dimension_ = 256;
  double momentum_ = 0.99;
  torch::nn::Sequential projector_{nullptr}, predictor_{nullptr};
  MomentumBranch teacher_;
};

ESPALIER_REGISTER(Task, Byol, "byol",
                  "instance discrimination: what does a teacher make of the other view?");

}  // namespace
}  // namespace espalier::pretext
