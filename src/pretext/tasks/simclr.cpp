// SimCLR (Chen et al., "A simple framework for contrastive learning of visual representations",
// ICML 2020, eq. 1 and algorithm 1): two views of each image find each other among all views of the
// global batch.
//
// Views 2 x [n, C, H, W] -> one forward over [2n, C, H, W] -> pooled features -> projector (linear,
// ReLU, linear; no normalisation) -> z, rows scaled to length 1. NT-Xent: for anchor i with partner
// j,
//   l_i = -log( exp(z_i . z_j / T) / sum_{k != i} exp(z_i . z_k / T) ),
// over all 2B anchors; partners and negatives come from every lane.
#include <torch/torch.h>

#include <cmath>

#include "pretext/task.h"

namespace espalier::pretext {
namespace {

class SimClr : public Task {
 public:
  Fields fields() override {
    return {
        {"temperature", &temperature_, {.min = 1e-3, .max = 1000, .help = "T of the NT-Xent loss"}},
        {"hidden",
         &hidden_,
         {.min = 1,
          .max = 65536,
          .unit = "units",
          .help = "width of the projector's hidden layer"}},
        {"dimension",
         &dimension_,
         {.min = 1, .max = 65536, .unit = "units", .help = "width of the embedding z"}}};
  }

  int64_t view_count() const override { return 2; }
  bool compares() const override { return true; }

  void build(const Site& site) override {
    projector_ =
        register_module("projector", torch::nn::Sequential(torch::nn::Linear(site.width(), hidden_),
                                                           torch::nn::ReLU(),
                                                           torch::nn::Linear(hidden_, dimension_)));
  }

  LaneOutput run(model::Backbone& backbone, const LaneInput& input) override {
    const torch::Tensor z =  // [2n, D], view by view
        projector_->forward(backbone.represent(input.features(torch::cat(input.views))));
    return {.embeddings =
                z.view({2, -1, dimension_}).transpose(0, 1).reshape({-1, 2 * dimension_})};
  }

  // A part is anchors: both views of some samples.
  Compared compare(const Gathered& batch, const Part& part) override {
    const torch::Tensor& embeddings = batch.embeddings;
    const int64_t samples = embeddings.size(0);
    const int64_t first = part.first(samples), last = part.last(samples);
    const int64_t anchors = 2 * (last - first);
    const torch::Tensor z = torch::nn::functional::normalize(
        embeddings.view({-1, dimension_}), torch::nn::functional::NormalizeFuncOptions().dim(1));
    const torch::Tensor own =
        torch::arange(2 * first, 2 * last, embeddings.options().dtype(torch::kLong));
    const torch::Tensor rows = torch::arange(anchors, own.options());
    const torch::Tensor logits = torch::mm(z.narrow(0, 2 * first, anchors), z.t()) / temperature_;
    const torch::Tensor others = logits.index_put(
        {rows, own}, torch::full({}, -std::numeric_limits<double>::infinity(), logits.options()));
    const torch::Tensor partner = own.bitwise_xor(1);
    const torch::Tensor sum = torch::cross_entropy_loss(others, partner, {}, at::Reduction::Sum);
    const torch::Tensor right = others.detach().argmax(1).eq(partner).sum();
    return {sum, static_cast<double>(2 * samples), {{"accuracy", right}}};
  }

  // All 2B - 1 others are alike.
  std::optional<double> expected_loss(int64_t batch) const override {
    return std::log(2 * batch - 1);
  }

 private:
  double temperature_ = 0.5;
  int64_t hidden_ = 512;
  int64_t dimension_ = 128;
  torch::nn::Sequential projector_{nullptr};
};

ESPALIER_REGISTER(
    Task, SimClr, "simclr",
    "instance discrimination: which view shows the same image, among the whole global batch?");

}  // namespace
}  // namespace espalier::pretext
