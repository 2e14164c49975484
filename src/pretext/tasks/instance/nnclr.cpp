// NNCLR (Dwibedi et al., "With a little help from my friends: nearest-neighbor contrastive learning
// of visual representations", ICCV 2021, eq. 2-4 and algorithm 1): not the view itself but the
// nearest of many earlier embeddings has to find the other view.
//
// Views 2 x [n, C, H, W] -> one forward over [2n, C, H, W] -> pooled features -> projector -> z ->
// predictor -> p; all of length 1. NN(z) is the row of the queue nearest to z. Of sample i
//   l_i = (ctr(NN(z1_i), p2) + ctr(NN(z2_i), p1)) / 2,
//   ctr(nn_i, p) = -log( exp(nn_i . p_i / T) / sum_j exp(nn_i . p_j / T) ), j over the batch;
// gradients reach p alone. After a step the batch's z1 replace the oldest rows of the queue, which
// begins with random directions. A fresh network shows about ln B for a batch of B.
//
// Projector: 3 layers, batch normalisation after each; predictor: 2, after the first (section 4.1).
// Defaults are the paper's for ImageNet. On CIFAR solo-learn takes temperature 0.2 and queue 65536.
// Difference: both views go through the network in one forward. Peers put negatives of both views
// into the sum (lightly 1.6.0 gives the pair to NT-Xent, with 2B - 2 of them); the paper's are
// those of one.
#include <torch/torch.h>

#include "pretext/blocks/contrast.h"
#include "pretext/blocks/feature_queue.h"
#include "pretext/blocks/projector.h"
#include "pretext/blocks/rows.h"

namespace espalier::pretext {
namespace {

class Nnclr : public Task {
 public:
  About about() const override {
    return {.family = Family::kInstance,
            .paper = "Dwibedi et al. 2021",
            .loss = "contrast of the nearest of a queue with the batch",
            .needs = "a predictor, a queue",
            .differs = "both views in one forward pass"};
  }

  Fields fields() override {
    return {{"temperature", &temperature_, {.min = 1e-3, .max = 1000, .help = "T of the loss"}},
            {"queue",
             &length_,
             {.min = 1,
              .max = 16777216,
              .unit = "images",
              .help = "embeddings among which the nearest is looked for"}},
            {"hidden",
             &hidden_,
             {.min = 1,
              .max = 65536,
              .unit = "units",
              .help = "width of the projector's hidden layers"}},
            {"dimension",
             &dimension_,
             {.min = 1, .max = 65536, .unit = "units", .help = "width of the embedding z"}},
            {"predictor_hidden",
             &predictor_hidden_,
             {.min = 1,
              .max = 65536,
              .unit = "units",
              .help = "width of the predictor's hidden layer"}}};
  }

  int64_t view_count() const override { return 2; }
  bool compares() const override { return true; }

  void build(const Site& site) override {
    projector_ = register_module(
        "projector", make_projector(site.width(), {.widths = {hidden_, hidden_, dimension_},
                                                   .last_norm = LastNorm::kBatch}));
    predictor_ = register_module(
        "predictor", make_projector(dimension_, {.widths = {predictor_hidden_, dimension_}}));
    queue_ = register_module("queue", FeatureQueue(length_, dimension_, "nnclr.queue"));
  }

  LaneOutput run(model::Backbone& backbone, const LaneInput& input) override {
    const torch::Tensor z =
        projector_->forward(backbone.represent(input.features(torch::cat(input.views))));
    const torch::Tensor p = unit_rows(predictor_->forward(z));
    const torch::Tensor own = unit_rows(z.detach());
    const torch::Tensor nearest =
        queue_->rows().index_select(0, torch::mm(own, queue_->rows().t()).argmax(1));
    const torch::Tensor z1 = own.narrow(0, 0, input.views[0].size(0));
    return {.embeddings = side_by_side(p, 2),
            .detached = torch::cat({side_by_side(nearest, 2), z1}, 1)};
  }

  // A part is anchors: the nearest rows of both views of some samples.
  Compared compare(const Gathered& batch, const Part& part) override {
    const int64_t nearest = batch.embeddings.size(1);  // columns
    return cross_contrast(batch.detached.narrow(1, 0, nearest), batch.embeddings, temperature_,
                          part);
  }

  Scalars after_step(model::Backbone&, const Step&, const Gathered& batch) override {
    return queue_->put(view_of(batch.detached, 2, 3));
  }

 private:
  double temperature_ = 0.1;
  int64_t length_ = 98304;
  int64_t hidden_ = 2048;
  int64_t dimension_ = 256;
  int64_t predictor_hidden_ = 4096;
  torch::nn::Sequential projector_{nullptr}, predictor_{nullptr};
  FeatureQueue queue_{nullptr};
};

ESPALIER_REGISTER(Task, Nnclr, "nnclr",
                  "instance discrimination: which view belongs to the image's nearest neighbour?");

}  // namespace
}  // namespace espalier::pretext
