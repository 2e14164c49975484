// DINOv2 (Oquab et al., "DINOv2: learning robust visual features without supervision", TMLR 2024,
// section 4): DINO on images and iBOT on masked patches with heads of their own, targets that share
// the prototypes equally (Sinkhorn-Knopp, 3 iterations), and a regulariser that keeps features
// apart (KoLeo).
//
// Views and masks as for iBOT (ibot.cpp). Loss of a sample: the mean cross entropy over the
// pairs of different views, plus the mean over both global crops of that of their masked patches,
// plus koleo_weight times the sum over both global crops of -log of the distance of the student's
// pooled feature to its nearest neighbour. The first two are about ln K at first.
//
// Targets and neighbours are those of the whole batch. Therefore lanes give what stands before the
// prototypes, z, for each view and masked patch (padded to the most that may be masked), and the
// comparison multiplies with the prototypes: each part finds the targets of all, and its own
// samples' losses. Teacher's z come divided by its temperature, which depends on the step.
//
// A backbone of patches; registers are its option. Differences to the authors' code: half of the
// views are masked by chance, not by count; what it counts in epochs is a share of the run.
#include <torch/torch.h>

#include "config/plugin_options.h"
#include "pretext/blocks/cross_view.h"
#include "pretext/blocks/dino_head.h"
#include "pretext/blocks/koleo.h"
#include "pretext/blocks/masked_distillation.h"
#include "pretext/blocks/rows.h"
#include "pretext/blocks/sharpening.h"
#include "pretext/blocks/sinkhorn.h"

namespace espalier::pretext {
namespace {

class DinoV2 : public MaskedDistillation {
 public:
  About about() const override {
    return {.family = Family::kDistillation,
            .paper = "Oquab et al. 2024",
            .loss = "that of ibot with heads of their own, Sinkhorn-Knopp, KoLeo",
            .needs = "patches; a teacher, prototypes",
            .differs = "views are masked by chance, not by count"};
  }

  Fields fields() override {
    Fields fields = config::with(MaskedDistillation::fields(), head_options_.fields());
    fields = config::with(fields, sharpening_.fields());
    fields.push_back({"koleo_weight",
                      &koleo_weight_,
                      {.min = 0, .max = 1e6, .help = "of the distances to nearest neighbours"}});
    return fields;
  }

  bool compares() const override { return true; }

  void build(const Site& site) override {
    build_masked(site, "dinov2");
    const auto head = [&](const char* name) {
      return register_module(name, DinoHead(site.width(), head_options_));
    };
    head_ = head("head");
    patch_head_ = head("patch_head");
    teacher_head_ = head("teacher_head");
    teacher_patch_head_ = head("teacher_patch_head");
    pair(teacher_head_.ptr(), head_.ptr());
    pair(teacher_patch_head_.ptr(), patch_head_.ptr());
  }

  LaneOutput run(model::Backbone& backbone, const LaneInput& input) override {
    const Encoded encoded = encode(backbone, input);
    const torch::Tensor crops = encoded.student.narrow(0, 0, encoded.mask.size(0));
    LaneOutput output;
    output.embeddings =
        torch::cat({side_by_side(head_->bottleneck(encoded.student), view_count()),
                    padded(patch_head_->bottleneck(encoded.student_patches), encoded.mask),
                    side_by_side(at_least_f32(crops), kGlobalCrops)},
                   1);
    const torch::NoGradGuard no_grad;
    const double temperature = sharpening_.teacher.at(input.step);
    const torch::Tensor z = teacher_head_->bottleneck(encoded.teacher) / temperature;
    const torch::Tensor patches =
        teacher_patch_head_->bottleneck(encoded.teacher_patches) / temperature;
    output.detached = torch::cat(
        {side_by_side(z, kGlobalCrops), padded(patches, encoded.mask),
         side_by_side(encoded.mask.sum(1, /*keepdim=*/true).to(z.scalar_type()), kGlobalCrops)},
        1);
    return output;
  }

  // A part is samples.
  Compared compare(const Gathered& batch, const Part& part) override {
    const int64_t samples = batch.embeddings.size(0);
    const int64_t first = part.first(samples), last = part.last(samples);
    const int64_t width = head_options_.bottleneck, slots = kGlobalCrops * most_masked() * width;
    const auto columns = [](const torch::Tensor& rows, int64_t from, int64_t count) {
      return rows.narrow(1, from, count);
    };
    const torch::Tensor own = batch.embeddings.slice(0, first, last);
    const int64_t of_views = view_count() * width, of_crops = kGlobalCrops * width;
    const CrossView images =
        compare_images(columns(batch.detached, 0, of_crops), columns(own, 0, of_views), first);
    const torch::Tensor patches =
        compare_patches(columns(batch.detached, of_crops, slots),
                        columns(batch.detached, of_crops + slots, kGlobalCrops),
                        columns(own, of_views, slots), first);
    torch::Tensor spread = torch::zeros({}, own.options());
    for (const torch::Tensor& crop :
         batch.embeddings.slice(1, of_views + slots).chunk(kGlobalCrops, 1))
      spread = spread + koleo(crop, first, last);
    Compared compared{images.losses.sum() + patches + koleo_weight_ * spread,
                      static_cast<double>(samples)};
    for (const auto& [name, values] : images.metrics)
      compared.metrics.emplace_back(name, values.sum());
    compared.metrics.emplace_back("patch_loss", patches.detach());
    compared.metrics.emplace_back("koleo", spread.detach());
    return compared;
  }

  bool trains(const std::string& name, const Step& step) const override {
    return head_options_.trains(name, step);
  }

 private:
  static constexpr int64_t kIterations = 3;

  // z [m, width] of the patches in `mask` bool [2 n, P] -> [n, 2 slots width]: a view's patches
  // first, then zeros.
  torch::Tensor padded(const torch::Tensor& z, const torch::Tensor& mask) const {
    const torch::Tensor held = filled(mask.sum(1)).unsqueeze(2);
    const torch::Tensor slots =
        torch::zeros({held.size(0), most_masked(), z.size(1)}, z.options()).masked_scatter(held, z);
    return side_by_side(slots.flatten(1), kGlobalCrops);
  }

  // Which slots hold a patch, where views have `counts` [N] of them: bool [N, slots].
  torch::Tensor filled(const torch::Tensor& counts) const {
    return torch::arange(most_masked(), counts.options()) < counts.unsqueeze(1);
  }

  torch::Tensor log_probabilities(const torch::Tensor& scores) const {
    return (scores / sharpening_.student).log_softmax(1);
  }

  // Of the samples from `first` on that `student` [own, V width] holds; `teacher` [B, 2 width].
  CrossView compare_images(const torch::Tensor& teacher, const torch::Tensor& student,
                           int64_t first) const {
    const int64_t width = head_options_.bottleneck, own = student.size(0);
    const torch::Tensor targets = [&] {
      const torch::NoGradGuard no_grad;
      return sinkhorn(teacher_head_->scores(teacher.reshape({-1, width})), 1, kIterations)
          .unflatten(0, {-1, kGlobalCrops})
          .slice(0, first, first + own)
          .transpose(0, 1);
    }();
    const torch::Tensor log = log_probabilities(head_->scores(student.reshape({-1, width})))
                                  .unflatten(0, {own, view_count()})
                                  .transpose(0, 1);
    return cross_view(targets, log);
  }

  // The sum over the samples from `first` on that `student` [own, 2 slots width] holds; `teacher`
  // [B, 2 slots width], `counts` [B, 2].
  torch::Tensor compare_patches(const torch::Tensor& teacher, const torch::Tensor& counts,
                                const torch::Tensor& student, int64_t first) const {
    const int64_t width = head_options_.bottleneck, own = student.size(0);
    const auto patches_in = [&](const torch::Tensor& rows, const torch::Tensor& held) {
      return rows.reshape({-1, most_masked(), width}).index({held});
    };
    const torch::Tensor held = filled(counts.flatten());
    const torch::Tensor own_held =
        held.slice(0, kGlobalCrops * first, kGlobalCrops * (first + own));
    const int64_t before = held.slice(0, 0, kGlobalCrops * first).sum().item<int64_t>();
    const torch::Tensor z = patches_in(student, own_held);
    if (z.size(0) == 0) return student.sum() * 0;
    const torch::Tensor targets = [&] {
      const torch::NoGradGuard no_grad;
      return sinkhorn(teacher_patch_head_->scores(patches_in(teacher, held)), 1, kIterations)
          .narrow(0, before, z.size(0));
    }();
    const torch::Tensor errors = -(targets * log_probabilities(patch_head_->scores(z))).sum(1);
    return mean_of_masked(errors, own_held).sum() / kGlobalCrops;
  }

  DinoHeadOptions head_options_;
  Sharpening sharpening_;
  double koleo_weight_ = 0.1;
  DinoHead head_{nullptr}, patch_head_{nullptr};
  DinoHead teacher_head_{nullptr}, teacher_patch_head_{nullptr};
};

ESPALIER_REGISTER(Task, DinoV2, "dinov2",
                  "self-distillation: images and masked patches, targets balanced over the whole "
                  "batch, features kept apart");

}  // namespace
}  // namespace espalier::pretext
