// Rotation prediction (Gidaris, Singh & Komodakis, "Unsupervised representation learning by
// predicting image rotations", ICLR 2018, eq. 2-3): each image enters in all four quarter turns,
// the network says which.
//
// Views [n, C, S, S] -> backbone on [4n, C, S, S] -> pooled features -> linear classifier, 4
// classes. The loss of a sample is the mean cross entropy of its four turns, its accuracy likewise.
// All four turns stand in one batch, as in the authors' code.
#include <torch/torch.h>

#include <cmath>

#include "pretext/task.h"

namespace espalier::pretext {
namespace {

constexpr int64_t kTurns = 4;

class Rotation : public Task {
 public:
  void build(const Site& site) override {
    const image::ViewShape& input = site.input();
    check(input.height == input.width, Kind::kUsage,
          "rotation takes square views, these are {} x {} (try: augment.views: "
          "[\"padded_crop(size=32)\"])",
          input.height, input.width);
    classifier_ = register_module("classifier", torch::nn::Linear(site.width(), kTurns));
  }

  LaneOutput run(model::Backbone& backbone, const LaneInput& input) override {
    const torch::Tensor& x = input.views[0];
    std::vector<torch::Tensor> turned;
    for (int64_t turn = 0; turn < kTurns; ++turn) turned.push_back(torch::rot90(x, turn, {2, 3}));
    const torch::Tensor answer =
        torch::arange(kTurns, x.options().dtype(torch::kLong)).repeat_interleave(x.size(0));
    const torch::Tensor logits =
        classifier_->forward(backbone.represent(input.features(torch::cat(turned))));
    const torch::Tensor losses = torch::cross_entropy_loss(logits, answer, {}, at::Reduction::None);
    const torch::Tensor right = logits.detach().argmax(1).eq(answer).to(losses.scalar_type());
    return {.losses = losses.view({kTurns, -1}).mean(0),
            .metrics = {{"accuracy", right.view({kTurns, -1}).mean(0)}}};
  }

  std::optional<double> expected_loss(int64_t) const override { return std::log(kTurns); }

 private:
  torch::nn::Linear classifier_{nullptr};
};

ESPALIER_REGISTER(Task, Rotation, "rotation",
                  "transformation prediction: by which quarter turn was the image rotated?");

}  // namespace
}  // namespace espalier::pretext
