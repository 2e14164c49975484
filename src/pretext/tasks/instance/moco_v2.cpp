// MoCo v2 (He et al., "Momentum contrast for unsupervised visual representation learning", CVPR
// 2020, eq. 1-2 and algorithm 1; Chen et al., "Improved baselines with momentum contrastive
// learning", 2020): a query finds its key among those of many earlier images.
//
// View 1 -> backbone -> pooled features -> projector (linear, ReLU, linear) -> query q; view 2 ->
// teacher -> key k; both of length 1. With the keys k_1 .. k_K of the latest images in a queue
//   l = -log( exp(q . k / T) / (exp(q . k / T) + sum_i exp(q . k_i / T)) ).
// After a step the teacher follows, momentum * teacher + (1 - momentum) * student, and the batch's
// keys replace the oldest of the queue, which begins with random directions. `symmetric` adds the
// loss of the views exchanged, and both keys enter the queue (the authors' CIFAR notebook). A fresh
// network shows about ln(K + 1), twice that if symmetric, less what views already have in common.
//
// Defaults are the paper's for ImageNet. On CIFAR the authors take temperature 0.1, queue 4096,
// momentum 0.99 (and a linear projector). Difference: keys are not shuffled between lanes. With
// batch normalisation of a lane's own statistics a query could recognise its key by them; take
// model.norm_sync global or model.norm group.
#include <torch/torch.h>

#include "pretext/blocks/feature_queue.h"
#include "pretext/blocks/momentum_branch.h"
#include "pretext/blocks/rows.h"

namespace espalier::pretext {
namespace {

class MocoV2 : public Task {
 public:
  About about() const override {
    return {.family = Family::kInstance,
            .paper = "He et al. 2020; Chen et al. 2020",
            .loss = "contrast with a queue of keys of earlier images",
            .needs = "a teacher, a queue",
            .differs = "keys are not shuffled between lanes"};
  }

  Fields fields() override {
    return {{"temperature", &temperature_, {.min = 1e-3, .max = 1000, .help = "T of the loss"}},
            {"queue",
             &length_,
             {.min = 1, .max = 16777216, .unit = "images", .help = "keys to tell a key from"}},
            {"momentum", &momentum_, {.min = 0, .max = 1, .help = "of the teacher"}},
            {"symmetric", &symmetric_, {.help = "whether each view is a query once"}},
            {"hidden",
             &hidden_,
             {.min = 1,
              .max = 65536,
              .unit = "units",
              .help = "width of the projector's hidden layer"}},
            {"dimension",
             &dimension_,
             {.min = 1, .max = 65536, .unit = "units", .help = "width of queries and keys"}}};
  }

  int64_t view_count() const override { return 2; }

  void build(const Site& site) override {
    const ProjectorShape shape{.widths = {hidden_, dimension_}, .hidden_norm = false};
    projector_ = register_module("projector", make_projector(site.width(), shape));
    teacher_ = MomentumBranch(*this, site, shape);
    queue_ = register_module("queue", FeatureQueue(length_, dimension_, "moco_v2.queue"));
  }

  void weights_drawn(model::Backbone& backbone) override {
    teacher_.begin_as(backbone, projector_);
  }

  LaneOutput run(model::Backbone& backbone, const LaneInput& input) override {
    const int64_t ways = symmetric_ ? 2 : 1;
    const auto& views = input.views;
    const torch::Tensor x = symmetric_ ? torch::cat(views) : views[0];
    const torch::Tensor other = symmetric_ ? torch::cat({views[1], views[0]}) : views[1];
    const torch::Tensor query =
        unit_rows(projector_->forward(backbone.represent(input.features(x))));
    const torch::Tensor key = unit_rows(teacher_.embed(other));
    const torch::Tensor own = (query * key).sum(1, /*keepdim=*/true);
    const torch::Tensor logits =
        torch::cat({own, torch::mm(query, queue_->rows().t())}, 1) / temperature_;
    const torch::Tensor first = torch::zeros({x.size(0)}, x.options().dtype(torch::kLong));
    const torch::Tensor losses = torch::cross_entropy_loss(logits, first, {}, at::Reduction::None);
    const torch::Tensor right = logits.detach().argmax(1).eq(first).to(losses.scalar_type());
    return {.losses = losses.view({ways, -1}).sum(0),
            .detached = side_by_side(key, ways),
            .metrics = {{"accuracy", right.view({ways, -1}).mean(0)}}};
  }

  Scalars after_step(model::Backbone& backbone, const Step&, const Gathered& batch) override {
    teacher_.follow(backbone, projector_, momentum_);
    return queue_->put(batch.detached.view({-1, dimension_}));
  }

 private:
  double temperature_ = 0.2;
  int64_t length_ = 65536;
  double momentum_ = 0.999;
  bool symmetric_ = false;
  int64_t hidden_ = 2048;
  int64_t dimension_ = 128;
  torch::nn::Sequential projector_{nullptr};
  MomentumBranch teacher_;
  FeatureQueue queue_{nullptr};
};

ESPALIER_REGISTER(Task, MocoV2, "moco_v2",
                  "instance discrimination: which key, of many earlier images, is the image's?");

}  // namespace
}  // namespace espalier::pretext
