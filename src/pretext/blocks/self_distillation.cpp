#include "pretext/blocks/self_distillation.h"

#include <c10/util/Exception.h>
#include <torch/torch.h>

#include "pretext/blocks/many_views.h"
#include "pretext/blocks/momentum_encoder.h"

namespace espalier::pretext {
namespace {

// kUsage unless the backbone gives features of one width for every view.
void require_all_views(const Site& site) {
  const int64_t width = site.width();
  const image::ViewShape& global = site.input();
  for (const image::ViewShape& view : site.views) {
    if (view == global) continue;
    const bool taken = [&] {
      Site alone = site;
      alone.views = {view};
      try {
        return alone.width() == width;
      } catch (const c10::Error&) {
        return false;
      }
    }();
    check(taken, Kind::kUsage,
          "the backbone takes views of {} x {} pixels alone, there are also some of {} x {} (try: "
          "views of one size, or another model.name)",
          global.height, global.width, view.height, view.width);
  }
}

}  // namespace

Fields SelfDistillation::fields() {
  return {{"local_crops",
           &local_crops_,
           {.min = 0, .max = 100, .help = "how many small views follow the two global crops"}},
          {"momentum",
           &momentum_.from,
           {.min = 0,
            .max = 1,
            .help = "of the teacher in the first step; it rises to 1 as a cosine"}}};
}

void SelfDistillation::build_teacher(const Site& site) {
  require_all_views(site);
  teacher_ = register_module("teacher", site.another_backbone());
  make_teacher(*teacher_);
}

void SelfDistillation::pair(std::shared_ptr<torch::nn::Module> teacher,
                            std::shared_ptr<torch::nn::Module> student) {
  make_teacher(*teacher);
  pairs_.emplace_back(std::move(teacher), std::move(student));
}

void SelfDistillation::weights_drawn(model::Backbone& backbone) {
  begin_as(*teacher_, backbone);
  for (const auto& [teacher, student] : pairs_) begin_as(*teacher, *student);
}

Scalars SelfDistillation::after_step(model::Backbone& backbone, const Step& step, const Gathered&) {
  const double momentum = momentum_.at(step);
  follow(*teacher_, backbone, momentum);
  for (const auto& [teacher, student] : pairs_) follow(*teacher, *student, momentum);
  return {{"teacher_momentum", momentum}};
}

at::Tensor SelfDistillation::student_features(model::Backbone& backbone, const LaneInput& input,
                                              int64_t first, int64_t pass) const {
  return encode_views(input, first, view_count(), [&](const at::Tensor& images) {
    return backbone.represent(input.features(images, pass++));
  });
}

at::Tensor SelfDistillation::teacher_features(const LaneInput& input) const {
  const torch::NoGradGuard no_grad;
  return encode_views(input, 0, kGlobalCrops,
                      [&](const at::Tensor& images) { return teacher_->represent({images}); });
}

}  // namespace espalier::pretext
