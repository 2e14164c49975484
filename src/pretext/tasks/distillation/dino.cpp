// DINO (Caron et al., "Emerging properties in self-supervised vision transformers", ICCV 2021,
// section 3.1, eq. 2-4 and algorithm 1): of each view the student says to which prototypes it
// belongs, as the teacher, its moving average, says of another view of the image.
//
// Views: 2 global crops [n, C, H, W], then `local_crops` of any size -> pooled features -> head
// (blocks/dino_head.h) -> scores [n, K]. Teacher, global crops alone: P_t = softmax((scores -
// centre) / T_t), T_t rising. Student, all views: P_s = softmax(scores / T_s). The loss of a sample
// is the mean cross entropy H(P_t, P_s) over the pairs of different views; about ln K at first. The
// centre is the moving average of the teacher's scores over the whole batch, the teacher's momentum
// rises to 1 as a cosine, and the prototypes rest at first.
//
// Any backbone; where local crops are smaller one that takes several sizes. The recipe `dino` makes
// such views. Differences to the paper: what it counts in epochs is a share of the run, and the
// teacher's temperature rises from step to step.
#include <torch/torch.h>

#include "config/plugin_options.h"
#include "pretext/blocks/centre.h"
#include "pretext/blocks/cross_view.h"
#include "pretext/blocks/dino_head.h"
#include "pretext/blocks/self_distillation.h"
#include "pretext/blocks/sharpening.h"

namespace espalier::pretext {
namespace {

class Dino : public SelfDistillation {
 public:
  About about() const override {
    return {.family = Family::kDistillation,
            .paper = "Caron et al. 2021",
            .loss = "cross entropy with the teacher's prototypes of another view",
            .needs = "a teacher, prototypes",
            .differs = "epochs are shares of the run; the temperature rises from step to step"};
  }

  Fields fields() override {
    Fields fields = config::with(SelfDistillation::fields(), head_options_.fields());
    fields = config::with(fields, sharpening_.fields());
    fields.push_back({"centre_momentum",
                      &centre_momentum_,
                      {.min = 0, .max = 1, .help = "of the centre of the teacher's scores"}});
    return fields;
  }

  void build(const Site& site) override {
    build_teacher(site);
    head_ = register_module("head", DinoHead(site.width(), head_options_));
    teacher_head_ = register_module("teacher_head", DinoHead(site.width(), head_options_));
    pair(teacher_head_.ptr(), head_.ptr());
    centre_ = register_module("centre", Centre(head_options_.prototypes, centre_momentum_));
  }

  LaneOutput run(model::Backbone& backbone, const LaneInput& input) override {
    const torch::Tensor targets = [&] {
      const torch::NoGradGuard no_grad;
      return teacher_head_->forward(teacher_features(input));
    }();
    const torch::Tensor teacher = centre_->sharpened(targets, sharpening_.teacher.at(input.step))
                                      .unflatten(0, {kGlobalCrops, -1});
    const torch::Tensor scores = head_->forward(student_features(backbone, input));
    const torch::Tensor student =
        (scores / sharpening_.student).log_softmax(1).unflatten(0, {view_count(), -1});
    const CrossView loss = cross_view(teacher, student);
    return {.losses = loss.losses, .sums = CentreImpl::sums(targets), .metrics = loss.metrics};
  }

  bool trains(const std::string& name, const Step& step) const override {
    return head_options_.trains(name, step);
  }

  Scalars after_step(model::Backbone& backbone, const Step& step, const Gathered& batch) override {
    Scalars scalars = SelfDistillation::after_step(backbone, step, batch);
    centre_->move(batch.sums);
    scalars.emplace_back("centre_norm", centre_->norm());
    return scalars;
  }

 private:
  DinoHeadOptions head_options_;
  Sharpening sharpening_;
  double centre_momentum_ = 0.9;
  DinoHead head_{nullptr}, teacher_head_{nullptr};
  Centre centre_{nullptr};
};

ESPALIER_REGISTER(Task, Dino, "dino",
                  "self-distillation: to which prototypes does this view belong, as a slower "
                  "network says of another one?");

}  // namespace
}  // namespace espalier::pretext
