// NPID (Wu et al., "Unsupervised feature learning via non-parametric instance discrimination",
// CVPR 2018, eq. 2): each image is found among all images by features that a memory bank holds.
//
// Views [n, C, H, W] -> backbone -> pooled features -> linear -> v [n, D], length 1. With f_i, the
// bank's row for image i, of length 1 too,
//   l_i = -log( exp(f_i . v / T) / sum_j exp(f_j . v / T) ).
// After each step f_i := m f_i + (1 - m) v, scaled to length 1, for the images of the batch (an
// image that is twice in a batch, where an epoch ends: the later one). Rows begin as random
// directions. The bank [images, D] is part of the checkpoint.
//
// The softmax is over all images, which the paper finds best where it can afford it (table 1), up
// to `full_up_to` images. Beyond, drawn images stand for all others
// (pretext/blocks/instance_softmax.h); the paper has noise contrastive estimation there, whose
// constant Z depends on the first batch.
// Neither has its proximal regularisation. Rows of images that are held out keep their random
// direction.
// Defaults are the authors' for CIFAR-10: T 0.1, D 128, m 0.5; for ImageNet T 0.07 and 4,096 drawn
// images. A fresh network has a loss of about log(images) + 1 / (2 D T^2).
#include <ATen/CPUGeneratorImpl.h>
#include <torch/torch.h>

#include "pretext/blocks/instance_softmax.h"
#include "pretext/blocks/rows.h"
#include "pretext/task.h"

namespace espalier::pretext {
namespace {

class Npid : public Task {
 public:
  About about() const override {
    return {.family = Family::kInstance,
            .paper = "Wu et al. 2018",
            .loss = "softmax over a bank of features of every image",
            .needs = "memory of images x dimension",
            .differs =
                "the whole softmax, or its estimate by drawn images, instead of noise contrastive "
                "estimation; no proximal term"};
  }

  Fields fields() override {
    Fields fields = {
        {"temperature", &temperature_, {.min = 1e-3, .max = 1000, .help = "T of the softmax"}},
        {"momentum",
         &momentum_,
         {.min = 0, .max = 1, .help = "share of its old value that a row of the bank keeps"}},
        {"dimension",
         &dimension_,
         {.min = 1, .max = 65536, .unit = "units", .help = "width of the features v"}}};
    for (Field& field : table_.fields()) fields.push_back(std::move(field));
    return fields;
  }

  bool knows_the_set() const override { return true; }

  void build(const Site& site) override {
    projector_ = register_module("projector", torch::nn::Linear(site.width(), dimension_));
    const auto generator = at::make_generator<at::CPUGeneratorImpl>(Draw(0, "npid.bank").u64());
    bank_ = register_state("bank", unit_rows(torch::randn({site.ids, dimension_}, generator)));
  }

  LaneOutput run(model::Backbone& backbone, const LaneInput& input) override {
    const torch::Tensor v =
        unit_rows(projector_->forward(backbone.represent(input.features(input.views[0]))));
    const auto [losses, accuracy] = instance_losses(
        v, bank_, instance_rows(input, bank_, table_, "npid.negatives"), temperature_);
    return {.losses = losses, .detached = v.detach(), .metrics = {{"accuracy", accuracy}}};
  }

  Scalars after_step(model::Backbone&, const Step&, const Gathered& batch) override {
    const torch::Tensor comes_again =
        batch.samples.unsqueeze(1).eq(batch.samples.unsqueeze(0)).triu(1).any(1);
    const torch::Tensor places = comes_again.logical_not().nonzero().squeeze(1);
    const torch::Tensor rows = batch.samples.index_select(0, places);
    const torch::Tensor v = batch.detached.index_select(0, places).to(bank_.scalar_type());
    const torch::Tensor old = bank_.index_select(0, rows);
    bank_.index_copy_(0, rows, unit_rows(momentum_ * old + (1 - momentum_) * v));
    return {{"bank_agreement", (old * v).sum(1).mean().item<double>()}};
  }

 private:
  double temperature_ = 0.1;
  double momentum_ = 0.5;
  int64_t dimension_ = 128;
  InstanceTable table_;
  torch::nn::Linear projector_{nullptr};
  torch::Tensor bank_;
};

ESPALIER_REGISTER(Task, Npid, "npid",
                  "instance discrimination: which image is it, among the features of all images?");

}  // namespace
}  // namespace espalier::pretext
