// SimSiam (Chen & He, "Exploring simple Siamese representation learning", CVPR 2021, eq. 1-4 and
// algorithm 1): from one view the network predicts its own embedding of the other, through which no
// gradient flows.
//
// Views 2 x [n, C, H, W] -> one forward over [2n, C, H, W] -> pooled features -> projector -> z ->
// predictor -> p. Of a sample
//   l = -cos(p1, stopgrad(z2)) / 2 - cos(p2, stopgrad(z1)) / 2.
// It lies between -1 and 1; a fresh network shows about 0. A loss that comes to -1 within a few
// steps is a collapse.
//
// The projector has 3 layers with batch normalisation after each (2 on CIFAR, appendix D), without
// scale and shift after the last, as in the authors' code; the predictor is a bottleneck. Widths
// are the paper's, and so is the predictor's constant rate (section 4.2). Difference: both views go
// through the network in one forward, so batch normalisation sees both.
#include <torch/torch.h>

#include "pretext/blocks/projector.h"
#include "pretext/blocks/rows.h"
#include "pretext/task.h"

namespace espalier::pretext {
namespace {

enum class PredictorRate { kConstant, kScheduled };
constexpr auto names_of(PredictorRate) {
  using enum PredictorRate;
  return names<PredictorRate>({{kConstant, "constant"}, {kScheduled, "scheduled"}});
}

class SimSiam : public Task {
 public:
  About about() const override {
    return {.family = Family::kInstance,
            .paper = "Chen & He 2021",
            .loss = "cosine to the other view, held constant",
            .needs = "a predictor",
            .differs = "both views in one forward pass"};
  }

  Fields fields() override {
    return {{"layers",
             &layers_,
             {.min = 1, .max = 10, .unit = "layers", .help = "depth of the projector"}},
            {"dimension",
             &dimension_,
             {.min = 1,
              .max = 65536,
              .unit = "units",
              .help = "width of the embedding z and of the projector's hidden layers"}},
            {"bottleneck",
             &bottleneck_,
             {.min = 1,
              .max = 65536,
              .unit = "units",
              .help = "width of the predictor's hidden layer"}},
            {"predictor_rate",
             &predictor_rate_,
             {.help = "constant: the predictor's learning rate stays at optim.lr, as published; "
                      "scheduled: it follows optim.schedule"}}};
  }

  bool stops_gradient() const override { return true; }
  int64_t view_count() const override { return 2; }

  void build(const Site& site) override {
    projector_ = register_module(
        "projector", make_projector(site.width(), {.widths = std::vector(
                                                       static_cast<size_t>(layers_), dimension_),
                                                   .last_norm = LastNorm::kBatchPlain}));
    predictor_ = register_module("predictor",
                                 make_projector(dimension_, {.widths = {bottleneck_, dimension_}}));
  }

  LaneOutput run(model::Backbone& backbone, const LaneInput& input) override {
    const torch::Tensor z =
        projector_->forward(backbone.represent(input.features(torch::cat(input.views))));
    const int64_t samples = z.size(0) / 2;
    const torch::Tensor target = unit_rows(z.detach()).roll(samples, 0);  // of the other view
    const torch::Tensor cosine = (unit_rows(predictor_->forward(z)) * target).sum(1);
    return {.losses = -cosine.view({2, samples}).mean(0)};
  }

  bool has_constant_rate(const std::string& name) const override {
    return predictor_rate_ == PredictorRate::kConstant && name.starts_with("predictor.");
  }

 private:
  int64_t layers_ = 3;
  int64_t dimension_ = 2048;
  int64_t bottleneck_ = 512;
  PredictorRate predictor_rate_ = PredictorRate::kConstant;
  torch::nn::Sequential projector_{nullptr}, predictor_{nullptr};
};

ESPALIER_REGISTER(Task, SimSiam, "simsiam",
                  "instance discrimination: what does the network itself make of the other view?");

}  // namespace
}  // namespace espalier::pretext
