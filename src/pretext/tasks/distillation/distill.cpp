// Distillation of features: the student says what a frozen teacher makes of the image (SimReg:
// Navaneet et al., "SimReg: regression as a simple yet effective tool for self-supervised knowledge
// distillation", BMVC 2021, section 3; FitNets: Romero et al., "FitNets: hints for thin deep nets",
// ICLR 2015, eq. 3).
//
// View [n, C, H, W] -> backbone -> pooled features -> projector (linear, batch normalisation, ReLU,
// linear) -> p [n, T]; the same view -> teacher -> its pooled features t [n, T], without a graph.
// Of a sample
//   cosine  l = |p / |p| - t / |t||^2 = 2 - 2 cos(p, t)   (SimReg)
//   mse     l = |p - t|^2 / 2                             (FitNets)
//
// The teacher stays in evaluation mode and never changes; it sees images normalised as it was
// trained. It may be any backbone, of any width; its weights are in checkpoints of the run and not
// in the exported backbone. Without `teacher` it is the backbone as the run begins: what
// model.weights gave, or a network of drawn weights, whose features already teach something (Grill
// et al. 2020, section 3).
//
// Differences: the projector has one hidden layer (SimReg's best has more); FitNets teach a hidden
// layer, here it is the last one, pooled.
#include <torch/torch.h>

#include "augment/call.h"
#include "core/log.h"
#include "pretext/blocks/momentum_encoder.h"
#include "pretext/blocks/projector.h"
#include "pretext/blocks/rows.h"
#include "pretext/task.h"
#include "tensor/convert.h"

namespace espalier::pretext {
namespace {

enum class Distance { kCosine, kMse };
constexpr auto names_of(Distance) {
  using enum Distance;
  return names<Distance>({{kCosine, "cosine"}, {kMse, "mse"}});
}

class Distill : public Task {
 public:
  About about() const override {
    return {.family = Family::kDistillation,
            .paper = "Navaneet et al. 2021; loss: mse by Romero et al. 2015",
            .loss = "cosine or squared distance to a frozen teacher's features",
            .needs = "a trained backbone",
            .differs = "one hidden layer in the projector; the last features, pooled"};
  }

  Fields fields() override {
    return {{"teacher",
             &source_,
             {.help = "whose features are learnt: RUN, RUN@STEP, a .safetensors or .pth file, or a "
                      "folder of timm or Hugging Face; empty = the backbone as the run begins"}},
            {"teacher_model",
             &model_,
             {.help = "the teacher's backbone with its options, where its file does not name it: "
                      "\"resnet50(stem=imagenet)\""}},
            {"loss", &loss_, {.help = "cosine: the directions agree; mse: the values agree"}},
            {"hidden",
             &hidden_,
             {.min = 1,
              .max = 65536,
              .unit = "units",
              .help = "width of the projector's hidden layer"}}};
  }

  void build(const Site& site) override {
    if (source_.empty()) {
      trained_.backbone = site.another_backbone();
    } else {
      trained_ =
          augment::placed("task.teacher", [&] { return site.open_backbone(source_, model_); });
    }
    teacher_ = register_module("teacher", trained_.backbone);
    teacher_->freeze(teacher_->stage_count());
    set_normalisation(site);
    const int64_t width = Site{*teacher_, {}, site.views}.width();
    projector_ =
        register_module("projector", make_projector(site.width(), {.widths = {hidden_, width}}));
  }

  void weights_drawn(model::Backbone& backbone) override {
    if (!source_.empty()) return trained_.load();
    log::warning("distill", "task.teacher is empty: the teacher is the backbone as it begins");
    begin_as(*teacher_, backbone);
  }

  LaneOutput run(model::Backbone& backbone, const LaneInput& input) override {
    const torch::Tensor& x = input.views[0];
    const torch::Tensor p =
        at_least_f32(projector_->forward(backbone.represent(input.features(x))));
    const torch::Tensor t = at_least_f32(target(x));
    const torch::Tensor cosine = (unit_rows(p) * unit_rows(t)).sum(1);
    return {.losses = loss_ == Distance::kCosine ? 2 - 2 * cosine : (p - t).square().sum(1) / 2,
            .metrics = {{"cosine", cosine.detach()}}};
  }

 private:
  // With m, s of the views and m', s' of the teacher: (x s + m - m') / s'.
  void set_normalisation(const Site& site) {
    const auto channels = [&](const std::vector<double>& values) {
      return torch::tensor(values, torch::kDouble).view({1, -1, 1, 1});
    };
    const auto known = static_cast<int64_t>(trained_.mean.size());
    if (known != 1 && known != site.input().channels) return;
    const torch::Tensor deviation = channels(trained_.std);
    scale_ = channels(site.std) / deviation;
    shift_ = (channels(site.mean) - channels(trained_.mean)) / deviation;
  }

  torch::Tensor target(const torch::Tensor& x) const {
    const torch::NoGradGuard no_grad;
    if (!scale_.defined()) return teacher_->represent({x});
    return teacher_->represent({x * tensor::to_like(scale_, x) + tensor::to_like(shift_, x)});
  }

  std::string source_, model_;
  Distance loss_ = Distance::kCosine;
  int64_t hidden_ = 2048;

  Trained trained_;
  std::shared_ptr<model::Backbone> teacher_;
  torch::Tensor scale_, shift_;  // of the teacher's images; undefined = as the views are
  torch::nn::Sequential projector_{nullptr};
};

ESPALIER_REGISTER(Task, Distill, "distill",
                  "distillation: what does a frozen teacher make of the image?");

}  // namespace
}  // namespace espalier::pretext
