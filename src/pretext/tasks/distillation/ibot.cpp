// iBOT (Zhou et al., "iBOT: image BERT pre-training with online tokenizer", ICLR 2022, section 3.2,
// eq. 2-3): DINO, and the same for patches. In half of the student's global crops blocks of patches
// are masked; for each of them it says to which prototypes it belongs, as the teacher, who sees it,
// says of the same patch of the same view.
//
// Views as for DINO (dino.cpp); the global crops have one size. Loss of a sample: DINO's on
// class tokens, global crops masked and local ones whole, plus the mean over both global crops of
// the mean cross entropy H(P_t, P_s) of the masked patches; each is about ln K at first. Patches
// have a centre of their own, and a head of their own where shared_head is off.
//
// A backbone of patches. Differences to the authors' code: what it counts in epochs is a share of
// the run; the centre of patches is that of the masked ones, the others do not pass the head;
// masks are BEiT's blocks.
#include <torch/torch.h>

#include "config/plugin_options.h"
#include "pretext/blocks/centre.h"
#include "pretext/blocks/cross_view.h"
#include "pretext/blocks/dino_head.h"
#include "pretext/blocks/masked_distillation.h"
#include "pretext/blocks/sharpening.h"

namespace espalier::pretext {
namespace {

class Ibot : public MaskedDistillation {
 public:
  About about() const override {
    return {.family = Family::kDistillation,
            .paper = "Zhou et al. 2022",
            .loss = "that of dino, and the same for masked patches",
            .needs = "patches; a teacher, prototypes",
            .differs = "the centre of patches is that of masked ones"};
  }

  Ibot() { head_options_.prototypes = 8192; }

  Fields fields() override {
    Fields fields = config::with(MaskedDistillation::fields(), head_options_.fields());
    fields = config::with(fields, sharpening_.fields());
    return config::with(
        fields, {{"centre_momentum",
                  &centre_momentum_,
                  {.min = 0, .max = 1, .help = "of the centres of the teacher's scores"}},
                 {"shared_head",
                  &shared_head_,
                  {.help = "images and patches have one head; without it, each has its own"}}});
  }

  void build(const Site& site) override {
    build_masked(site, "ibot");
    const auto head = [&](const std::string& name) {
      DinoHead student(site.width(), head_options_), teacher(site.width(), head_options_);
      register_module(name, student);
      register_module("teacher_" + name, teacher);
      pair(teacher.ptr(), student.ptr());
      return std::pair{student, teacher};
    };
    std::tie(head_, teacher_head_) = patch_heads_ = head("head");
    if (!shared_head_) patch_heads_ = head("patch_head");
    for (auto* centre : {&centre_, &patch_centre_})
      *centre = Centre(head_options_.prototypes, centre_momentum_);
    register_module("centre", centre_);
    register_module("patch_centre", patch_centre_);
  }

  LaneOutput run(model::Backbone& backbone, const LaneInput& input) override {
    const Encoded encoded = encode(backbone, input);
    const double temperature = sharpening_.teacher.at(input.step);
    const auto [targets, patch_targets] = [&] {
      const torch::NoGradGuard no_grad;
      return std::pair{teacher_head_->forward(encoded.teacher),
                       patch_heads_.second->forward(encoded.teacher_patches)};
    }();
    const auto log_probabilities = [&](const torch::Tensor& scores) {
      return (scores / sharpening_.student).log_softmax(1);
    };
    const CrossView images = cross_view(
        centre_->sharpened(targets, temperature).unflatten(0, {kGlobalCrops, -1}),
        log_probabilities(head_->forward(encoded.student)).unflatten(0, {view_count(), -1}));
    const torch::Tensor errors =
        -(patch_centre_->sharpened(patch_targets, temperature) *
          log_probabilities(patch_heads_.first->forward(encoded.student_patches)))
             .sum(1);
    const torch::Tensor patches =
        mean_of_masked(errors, encoded.mask).unflatten(0, {kGlobalCrops, -1}).mean(0);
    LaneOutput output{.losses = images.losses + patches, .metrics = images.metrics};
    output.metrics.emplace_back("patch_loss", patches.detach());
    output.sums = torch::cat({CentreImpl::sums(targets), CentreImpl::sums(patch_targets)});
    return output;
  }

  bool trains(const std::string& name, const Step& step) const override {
    return head_options_.trains(name, step);
  }

  Scalars after_step(model::Backbone& backbone, const Step& step, const Gathered& batch) override {
    Scalars scalars = MaskedDistillation::after_step(backbone, step, batch);
    const std::vector<torch::Tensor> sums = batch.sums.chunk(2);
    centre_->move(sums[0]);
    patch_centre_->move(sums[1]);
    scalars.emplace_back("centre_norm", centre_->norm());
    scalars.emplace_back("patch_centre_norm", patch_centre_->norm());
    return scalars;
  }

 private:
  DinoHeadOptions head_options_;
  Sharpening sharpening_;
  double centre_momentum_ = 0.9;
  bool shared_head_ = true;
  DinoHead head_{nullptr}, teacher_head_{nullptr};
  std::pair<DinoHead, DinoHead> patch_heads_{nullptr, nullptr};  // student's, teacher's
  Centre centre_{nullptr}, patch_centre_{nullptr};
};

ESPALIER_REGISTER(Task, Ibot, "ibot",
                  "self-distillation: DINO, and for patches that are masked what a slower network "
                  "says of them");

}  // namespace
}  // namespace espalier::pretext
