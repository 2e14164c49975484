// SwAV (Caron et al., "Unsupervised learning of visual features by contrasting cluster
// assignments", NeurIPS 2020, section 3, eq. 1-2, multi-crop 3.2): from one view the network
// predicts to which prototypes the other is assigned.
//
// Two large views and `local_crops` small ones; views of equal size go through the backbone in one
// forward, all through the projector (linear, batch normalisation, ReLU, linear) in one -> z of
// length 1 [n, V, D]. Scores are z . c_k with K prototypes of length 1. Codes q_i of the large
// views i = 1, 2 are the Sinkhorn-Knopp assignments of the whole batch (blocks/sinkhorn.h), without
// a gradient. Of a sample
//   l = 1/2 sum_{i = 1, 2} 1 / (V - 1) sum_{v != i} -sum_k q_ik log softmax_k(z_v . c / T).
// After a step prototypes are scaled back to length 1. A fresh network shows about ln K: 8.0 for
// 3000.
//
// For small batches a queue of earlier z of each large view joins the assignment once it is full
// (section 4.2); it is filled after `queue_start` of the run. Prototypes rest at first, one of 800
// epochs by default. Defaults are the paper's for ImageNet; on CIFAR solo-learn takes local_crops 0
// (or 6 of 18 px), queue 3840 after 5 % of the run, and rest 0.002. Differences: assignments see
// the whole batch on any number of ranks, and the queue is that of the whole batch.
#include <torch/torch.h>

#include "pretext/blocks/feature_queue.h"
#include "pretext/blocks/many_views.h"
#include "pretext/blocks/projector.h"
#include "pretext/blocks/rows.h"
#include "pretext/blocks/sinkhorn.h"

namespace espalier::pretext {
namespace {

constexpr int64_t kLarge = 2;

class Swav : public Task {
 public:
  About about() const override {
    return {.family = Family::kInstance,
            .paper = "Caron et al. 2020",
            .loss = "cross entropy with the balanced assignment of another view",
            .needs = "prototypes; a queue on request",
            .differs = "assignments and queue are those of the whole batch"};
  }

  Fields fields() override;

  bool stops_gradient() const override { return true; }
  int64_t view_count() const override { return kLarge + local_crops_; }
  bool compares() const override { return true; }

  void build(const Site& site) override {
    projector_ = register_module("projector",
                                 make_projector(site.width(), {.widths = {hidden_, dimension_}}));
    prototypes_ = register_module(
        "prototypes", torch::nn::Linear(torch::nn::LinearOptions(dimension_, count_).bias(false)));
    for (int64_t view = 0; length_ > 0 && view < kLarge; ++view)
      queues_.push_back(register_module("queue" + std::to_string(view + 1),
                                        FeatureQueue(length_, dimension_, "swav.queue")));
  }

  void weights_drawn(model::Backbone&) override { scale_prototypes(); }

  LaneOutput run(model::Backbone& backbone, const LaneInput& input) override {
    const torch::Tensor z = unit_rows(projector_->forward(represent_views(backbone, input)));
    const torch::Tensor large = z.detach().narrow(0, 0, kLarge * input.views[0].size(0));
    return {.embeddings = side_by_side(z, view_count()), .detached = side_by_side(large, kLarge)};
  }

  // A part is samples, with all their views.
  Compared compare(const Gathered& batch, const Part& part) override {
    const int64_t samples = batch.embeddings.size(0), views = view_count();
    const int64_t first = part.first(samples), last = part.last(samples);
    const torch::Tensor z = batch.embeddings.slice(0, first, last).reshape({-1, dimension_});
    const torch::Tensor log_shares =
        (prototypes_->forward(z) / temperature_).log_softmax(1).view({-1, views, count_});
    torch::Tensor sum, entropy;
    for (int64_t view = 0; view < kLarge; ++view) {
      const torch::Tensor codes = codes_of(batch, view).slice(0, first, last);
      const torch::Tensor predicted = torch::bmm(log_shares, codes.unsqueeze(2)).squeeze(2);
      const torch::Tensor loss = (predicted.select(1, view).sum() - predicted.sum()) /
                                 static_cast<double>(kLarge * (views - 1));
      const torch::Tensor spread = -torch::xlogy(codes, codes).sum() / kLarge;
      sum = view == 0 ? loss : sum + loss;
      entropy = view == 0 ? spread : entropy + spread;
    }
    return {sum, static_cast<double>(samples), {{"code_entropy", entropy}}};
  }

  bool trains(const std::string& name, const Step& step) const override {
    return name != "prototypes.weight" || begun(step, rest_);
  }

  Scalars after_step(model::Backbone&, const Step& step, const Gathered& batch) override {
    scale_prototypes();
    Scalars scalars;
    if (begun(step, queue_start_))
      for (size_t view = 0; view < queues_.size(); ++view)
        scalars = queues_[view]->put(view_of(batch.detached, static_cast<int64_t>(view), kLarge));
    return scalars;
  }

 private:
  static bool begun(const Step& step, double share) {
    return static_cast<double>(step.number) >= share * static_cast<double>(step.total);
  }

  void scale_prototypes() {
    const torch::NoGradGuard no_grad;
    prototypes_->weight.copy_(unit_rows(prototypes_->weight));
  }

  // [B, K] of a large view.
  torch::Tensor codes_of(const Gathered& batch, int64_t view) {
    const torch::NoGradGuard no_grad;
    const torch::Tensor own = view_of(batch.detached, view, kLarge);
    torch::Tensor z = own;
    if (!queues_.empty()) {
      FeatureQueue& queue = queues_[static_cast<size_t>(view)];
      if (queue->full()) z = torch::cat({own, queue->rows()});
    }
    return sinkhorn(prototypes_->forward(z), epsilon_, iterations_).narrow(0, 0, own.size(0));
  }

  int64_t local_crops_ = 6;
  double temperature_ = 0.1, epsilon_ = 0.05;
  int64_t iterations_ = 3;
  int64_t count_ = 3000;
  double rest_ = 1.0 / 800;
  int64_t length_ = 0;
  double queue_start_ = 0.05;
  int64_t hidden_ = 2048, dimension_ = 128;
  torch::nn::Sequential projector_{nullptr};
  torch::nn::Linear prototypes_{nullptr};
  std::vector<FeatureQueue> queues_;
};

Fields Swav::fields() {
  return {
      {"local_crops",
       &local_crops_,
       {.min = 0, .max = 100, .unit = "views", .help = "small views beside the two large ones"}},
      {"temperature", &temperature_, {.min = 1e-3, .max = 1000, .help = "T of the predictions"}},
      {"epsilon",
       &epsilon_,
       {.min = 1e-3, .max = 1000, .help = "smoothness of the assignment by Sinkhorn-Knopp"}},
      {"iterations", &iterations_, {.min = 1, .max = 1000, .help = "rounds of Sinkhorn-Knopp"}},
      {"prototypes",
       &count_,
       {.min = 2, .max = 1048576, .unit = "prototypes", .help = "clusters to assign views to"}},
      {"rest",
       &rest_,
       {.min = 0,
        .max = 1,
        .unit = "of the run",
        .help = "how long prototypes do not move at first"}},
      {"queue",
       &length_,
       {.min = 0,
        .max = 16777216,
        .unit = "images",
        .help = "earlier images that join the assignment; 0 = those of the batch alone"}},
      {"queue_start",
       &queue_start_,
       {.min = 0, .max = 1, .unit = "of the run", .help = "when the queue begins to fill"}},
      {"hidden",
       &hidden_,
       {.min = 1, .max = 65536, .unit = "units", .help = "width of the projector's hidden layer"}},
      {"dimension",
       &dimension_,
       {.min = 1, .max = 65536, .unit = "units", .help = "width of the embedding z"}}};
}

ESPALIER_REGISTER(Task, Swav, "swav",
                  "clustering: to which prototypes are the image's other views assigned?");

}  // namespace
}  // namespace espalier::pretext
