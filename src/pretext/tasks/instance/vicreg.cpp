// VICReg (Bardes, Ponce & LeCun, "VICReg: variance-invariance-covariance regularization for
// self-supervised learning", ICLR 2022, eq. 6 and algorithm 1): two views agree, every feature
// varies, and no two features vary together.
//
// Views 2 x [n, C, H, W] -> one forward over [2n, C, H, W] -> pooled features -> projector (linear,
// batch normalisation, ReLU, twice; linear) -> Z, Z' [B, D] of the whole global batch.
//   invariance  s = 1/(B D) sum |z_b - z'_b|^2
//   variance    v(Z) = 1/D sum_j max(0, 1 - sqrt(Var(z_j) + 1e-4))
//   covariance  c(Z) = 1/D sum_{i != j} Cov(Z)_ij^2
//   L = invariance s + variance (v(Z) + v(Z')) / 2 + covariance (c(Z) + c(Z'))
// This is the authors' code. In the paper's eq. 5 s is not divided by D, and eq. 6 does not halve
// v; the published weights 25, 25, 1 belong to the code.
//
// A part is features: its columns of s and v, and its rows of both covariance matrices, each some
// centred features against all. Those need not be centred again, so a part repeats nothing.
// Defaults are the paper's weights and solo-learn's three layers of 2,048 for CIFAR-10 (the paper:
// 8,192 for ImageNet). A fresh network whose features hardly vary has a loss of about 25.
#include <torch/torch.h>

#include <array>

#include "config/plugin_options.h"
#include "pretext/blocks/joint_embedding.h"
#include "pretext/blocks/rows.h"

namespace espalier::pretext {
namespace {

constexpr double kEpsilon = 1e-4;

class VicReg : public JointEmbedding {
 public:
  VicReg() : JointEmbedding({.widths = {2048, 2048, 2048}, .last_bias = false}) {}

  About about() const override {
    return {.family = Family::kInstance,
            .paper = "Bardes et al. 2022",
            .loss = "invariance, variance and covariance of features",
            .differs = "scaled as the authors' code, not as eq. 5 and 6"};
  }

  Fields fields() override {
    return config::with(
        JointEmbedding::fields(),
        {{"invariance",
          &invariance_,
          {.min = 0, .max = 1e6, .help = "weight of the distance between two views"}},
         {"variance",
          &variance_,
          {.min = 0, .max = 1e6, .help = "weight of features that vary too little"}},
         {"covariance",
          &covariance_,
          {.min = 0, .max = 1e6, .help = "weight of features that vary together"}}});
  }

  Compared compare(const Gathered& batch, const Part& part) override {
    const int64_t samples = batch.embeddings.size(0), width = batch.embeddings.size(1) / 2;
    const int64_t first = part.first(width), last = part.last(width);
    const auto d = static_cast<double>(width), b = static_cast<double>(samples);
    torch::Tensor spread, together;
    std::array<torch::Tensor, 2> own;
    for (size_t view = 0; view < 2; ++view) {
      const torch::Tensor z = batch.embeddings.narrow(1, static_cast<int64_t>(view) * width, width);
      own[view] = z.narrow(1, first, last - first);
      const torch::Tensor centred = own[view] - own[view].mean(0);
      const torch::Tensor covariance = torch::mm(centred.t(), z) / std::max(1.0, b - 1);
      const torch::Tensor variance = centred.square().sum(0) / std::max(1.0, b - 1);
      const torch::Tensor v = torch::relu(1 - (variance + kEpsilon).sqrt()).sum() / d;
      const torch::Tensor c =
          (covariance.square().sum() - covariance.diagonal(first).square().sum()) / d;
      spread = view == 0 ? v : (spread + v) / 2;
      together = view == 0 ? c : together + c;
    }
    const torch::Tensor apart = (own[0] - own[1]).square().sum() / (b * d);
    return {invariance_ * apart + variance_ * spread + covariance_ * together,
            1,
            {{"invariance", apart.detach()},
             {"variance", spread.detach()},
             {"covariance", together.detach()}}};
  }

 private:
  double invariance_ = 25;
  double variance_ = 25;
  double covariance_ = 1;
};

ESPALIER_REGISTER(Task, VicReg, "vicreg",
                  "two views agree, every feature varies, no two features vary together");

}  // namespace
}  // namespace espalier::pretext
