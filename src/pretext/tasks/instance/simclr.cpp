// SimCLR (Chen et al., "A simple framework for contrastive learning of visual representations",
// ICML 2020, eq. 1 and algorithm 1): two views of each image find each other among all views of the
// global batch.
//
// Views 2 x [n, C, H, W] -> one forward over [2n, C, H, W] -> pooled features -> projector (linear,
// ReLU, linear; no normalisation) -> z, rows scaled to length 1. Loss of anchor i with partner j,
// averaged over all 2B anchors; partners and negatives come from every lane:
//   nt_xent  -z_i.z_j/T + log sum_{k != i} exp(z_i.z_k/T)
//   dcl      -z_i.z_j/T + log sum_{k not in {i, j}} exp(z_i.z_k/T): decoupled contrastive learning,
//            without the positive pair among the negatives (Yeh et al., "Decoupled contrastive
//            learning", ECCV 2022, eq. 6), so that small batches learn as well
//   dclw     -w z_i.z_j/T + the same, w = 2 - exp(z_i.z_j/sigma) / mean over pairs of it: pairs
//            that agree already count less (the same paper, eq. 7)
// No gradient passes through w, as in lightly. The authors' released DCLW leaves out the mean, so
// that all its weights are near 2; eq. 7 gives weights of mean 1, and so does this task.
// Defaults are lightly's for CIFAR-10 (T 0.5, 512-512-128); solo-learn takes T 0.2, and the DCL
// paper T 0.1. A fresh network, whose embeddings tell nothing, has a loss of about log(2B - 1);
// with dcl and dclw, whose cosines are then all near 1, log(2B - 2).
#include <torch/torch.h>

#include <cmath>

#include "config/plugin_options.h"
#include "core/names.h"
#include "pretext/blocks/contrast.h"
#include "pretext/blocks/joint_embedding.h"
#include "pretext/blocks/rows.h"

namespace espalier::pretext {
namespace {

enum class ContrastiveLoss { kNtXent, kDcl, kDclw };
constexpr auto names_of(ContrastiveLoss) {
  using enum ContrastiveLoss;
  return names<ContrastiveLoss>({{kNtXent, "nt_xent"}, {kDcl, "dcl"}, {kDclw, "dclw"}});
}

class SimClr : public JointEmbedding {
 public:
  SimClr() : JointEmbedding({.widths = {512, 128}, .hidden_norm = false}) {}

  About about() const override {
    return {.family = Family::kInstance,
            .paper = "Chen et al. 2020; loss: dcl, dclw by Yeh et al. 2022",
            .loss = "NT-Xent among the views of the batch",
            .differs = "weights of dclw have mean 1, as in the equation"};
  }

  Fields fields() override {
    return config::with(
        JointEmbedding::fields(),
        {{"loss",
          &loss_,
          {.help = "the loss: NT-Xent, or without (dcl) and with weights for (dclw) the positive "
                   "pair among the negatives"}},
         {"temperature", &temperature_, {.min = 1e-3, .max = 1000, .help = "T of the loss"}},
         {"sigma",
          &sigma_,
          {.min = 1e-3,
           .max = 1000,
           .help = "temperature of the weights of positive pairs in dclw"}}});
  }

  // A part is anchors: both views of some samples.
  Compared compare(const Gathered& batch, const Part& part) override {
    if (loss_ == ContrastiveLoss::kNtXent) return nt_xent(batch.embeddings, temperature_, part);
    const auto [logits, anchors] = contrast(batch.embeddings, 2, temperature_, part);
    const torch::Tensor partners = anchors.bitwise_xor(1).unsqueeze(1);
    torch::Tensor positives = logits.gather(1, partners).squeeze(1);
    const torch::Tensor right = logits.detach().argmax(1).eq(partners.squeeze(1)).sum();
    if (loss_ == ContrastiveLoss::kDclw) positives = positives * weights(batch, part);
    const torch::Tensor negatives =
        logits.scatter(1, partners, -std::numeric_limits<double>::infinity());
    return {(negatives.logsumexp(1) - positives).sum(),
            static_cast<double>(2 * batch.embeddings.size(0)),
            {{"accuracy", right}}};
  }

  // All others are alike.
  std::optional<double> expected_loss(int64_t batch) const override {
    return std::log(2 * batch - (loss_ == ContrastiveLoss::kNtXent ? 1 : 2));
  }

 private:
  // w of a part's anchors; both of a pair have the same.
  torch::Tensor weights(const Gathered& batch, const Part& part) const {
    const int64_t samples = batch.embeddings.size(0);
    const torch::Tensor z = batch.embeddings.detach().view({samples, 2, -1});
    const torch::Tensor agreement = torch::cosine_similarity(z.select(1, 0), z.select(1, 1), 1);
    const torch::Tensor w = 2 - static_cast<double>(samples) * (agreement / sigma_).softmax(0);
    return w.slice(0, part.first(samples), part.last(samples)).repeat_interleave(2);
  }

  ContrastiveLoss loss_ = ContrastiveLoss::kNtXent;
  double temperature_ = 0.5;
  double sigma_ = 0.5;
};

ESPALIER_REGISTER(
    Task, SimClr, "simclr",
    "instance discrimination: which view shows the same image, among the whole global batch?");

}  // namespace
}  // namespace espalier::pretext
