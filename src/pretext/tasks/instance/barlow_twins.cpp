// Barlow Twins (Zbontar et al., "Barlow Twins: self-supervised learning via redundancy reduction",
// ICML 2021, eq. 1-2): each feature agrees with itself in the other view and with no other one.
//
// Views 2 x [n, C, H, W] -> one forward over [2n, C, H, W] -> pooled features -> projector (linear,
// batch normalisation, ReLU, twice; linear) -> z^A, z^B [B, D] of the whole global batch. With both
// scaled to mean 0 and variance 1 (biased, + 1e-5, as in the authors' code) in each feature,
//   C_ij = 1/B sum_b z^A_bi z^B_bj,
//   L = scale ( sum_i (1 - C_ii)^2 + lambda sum_i sum_{j != i} C_ij^2 ).
// lightly and solo-learn compute C from each rank's own mean and variance, so their loss changes
// with the number of ranks even where C is summed over them; here it is that of one process.
//
// A part is rows of C: some features of view A, against all of view B. Scaling z^B is repeated by
// every part: O(B D) beside O(B D^2 / parts).
// Defaults are solo-learn's for CIFAR-10 (three layers of 2,048, lambda 5e-3, scale 0.1); the paper
// has 8,192 and lambda 5e-3 for ImageNet, the authors' code a scale of 0.024. A fresh network has a
// loss below scale D (1 + lambda D), which is that of features that are all alike.
#include <torch/torch.h>

#include "config/plugin_options.h"
#include "pretext/blocks/joint_embedding.h"
#include "pretext/blocks/rows.h"

namespace espalier::pretext {
namespace {

constexpr double kEpsilon = 1e-5;

// Each feature of [B, k] with mean 0 and variance 1.
torch::Tensor standardised(const torch::Tensor& z) {
  return torch::batch_norm(z, {}, {}, {}, {}, /*training=*/true, /*momentum=*/0, kEpsilon,
                           /*cudnn_enabled=*/false);
}

class BarlowTwins : public JointEmbedding {
 public:
  BarlowTwins() : JointEmbedding({.widths = {2048, 2048, 2048}, .last_bias = false}) {}

  About about() const override {
    return {.family = Family::kInstance,
            .paper = "Zbontar et al. 2021",
            .loss = "cross-correlation of features, compared with the identity",
            .differs = "statistics are those of the whole batch"};
  }

  Fields fields() override {
    return config::with(
        JointEmbedding::fields(),
        {{"lambda",
          &lambda_,
          {.min = 0, .max = 1e6, .help = "weight of features that agree with other features"}},
         {"scale", &scale_, {.min = 0, .max = 1e6, .help = "factor of the whole loss"}}});
  }

  Compared compare(const Gathered& batch, const Part& part) override {
    const int64_t width = batch.embeddings.size(1) / 2;
    const int64_t first = part.first(width), last = part.last(width);
    const std::vector<torch::Tensor> z =
        batch.embeddings.split_with_sizes({first, last - first, width - last, width}, 1);
    const torch::Tensor a = standardised(z[1].contiguous()), b = standardised(z[3].contiguous());
    const torch::Tensor c =  // [last - first, D]
        torch::mm(a.t(), b) / static_cast<double>(batch.embeddings.size(0));
    const torch::Tensor same = c.diagonal(first);
    const torch::Tensor sum =
        (1 - same).square().sum() + lambda_ * (c.square().sum() - same.square().sum());
    return {scale_ * sum, 1, {{"invariance", (1 - same).square().sum().detach()}}};
  }

 private:
  double lambda_ = 5e-3;
  double scale_ = 0.1;
};

ESPALIER_REGISTER(Task, BarlowTwins, "barlow_twins",
                  "redundancy reduction: two views agree in each feature, features in nothing");

}  // namespace
}  // namespace espalier::pretext
