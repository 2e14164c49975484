// Exemplar networks (Dosovitskiy et al., "Discriminative unsupervised feature learning with
// convolutional neural networks", NIPS 2014, eq. 1 and 4): each image is a class of its own, its
// views are the samples of that class.
//
// Views [n, C, H, W] -> backbone -> pooled features h [n, D] -> softmax with a weight vector for
// each image, w [images, D]:
//   l_i = -log( exp(w_i . h) / sum_j exp(w_j . h) ).
// Beyond `full_up_to` images, drawn ones stand for all others (pretext/blocks/instance_softmax.h).
// The weights, their gradient and the optimizer's state then hold images x D values each: for sets
// of that size npid costs less.
//
// Differences to the paper: whole images instead of patches (it takes 8,000 to 32,000 patches of 32
// pixels), so the views are augment.views; no bias, which a class of one image has no use for;
// weights of images that are held out are never the answer.
// A fresh network, whose logits say nothing, has a loss of about log(images), and somewhat more
// where the features are long.
#include <torch/torch.h>

#include "pretext/blocks/instance_softmax.h"
#include "pretext/task.h"

namespace espalier::pretext {
namespace {

class Exemplar : public Task {
 public:
  About about() const override {
    return {.family = Family::kInstance,
            .paper = "Dosovitskiy et al. 2014",
            .loss = "softmax over a weight vector of every image",
            .needs = "memory of images x width, three times",
            .differs =
                "whole images instead of patches; no bias; beyond full_up_to images drawn ones "
                "stand for the others"};
  }

  Fields fields() override { return table_.fields(); }

  bool knows_the_set() const override { return true; }

  void build(const Site& site) override {
    exemplars_ = register_parameter("exemplars", torch::empty({site.ids, site.width()}));
  }

  LaneOutput run(model::Backbone& backbone, const LaneInput& input) override {
    const torch::Tensor h = backbone.represent(input.features(input.views[0]));
    const auto [losses, accuracy] = instance_losses(
        h, exemplars_, instance_rows(input, exemplars_, table_, "exemplar.negatives"),
        /*temperature=*/1);
    return {.losses = losses, .metrics = {{"accuracy", accuracy}}};
  }

 private:
  InstanceTable table_;
  torch::Tensor exemplars_;
};

ESPALIER_REGISTER(Task, Exemplar, "exemplar",
                  "instance discrimination: each image is a class of its own, which one is it?");

}  // namespace
}  // namespace espalier::pretext
