// SupCon (Khosla et al., "Supervised contrastive learning", NeurIPS 2020, eq. 2, L_out): the views
// of all images of one class find each other among all views of the global batch.
//
// Views 2 x [n, C, H, W] -> one forward over [2n, C, H, W] -> pooled features -> projector (linear,
// ReLU, linear) -> z, rows scaled to length 1. For anchor i, with P(i) the other views of its class
// and A(i) all other views,
//   l_i = -1/|P(i)| sum_{p in P(i)} log( exp(z_i . z_p / T) / sum_{a in A(i)} exp(z_i . z_a / T) ),
// averaged over the 2B anchors. An image without a label is a class of its own, so that a set with
// few labels trains as well.
//
// The authors' code multiplies by T / 0.07, the paper's equation does not, and this task does not.
// Defaults: the paper's T 0.1, widths as simclr has them (the paper: 2048-128 for ResNet-50). A
// fresh network, whose cosines are all near 1, has a loss of about log(2B - 1).
#include <torch/torch.h>

#include "config/plugin_options.h"
#include "pretext/blocks/contrast.h"
#include "pretext/blocks/joint_embedding.h"
#include "pretext/blocks/rows.h"

namespace espalier::pretext {
namespace {

class SupCon : public JointEmbedding {
 public:
  SupCon() : JointEmbedding({.widths = {512, 128}, .hidden_norm = false}) {}

  About about() const override {
    return {.family = Family::kInstance,
            .paper = "Khosla et al. 2020",
            .loss = "contrast among the batch, views of a class are partners",
            .differs = "not scaled by T / 0.07; an image without a label is a class of its own"};
  }

  Fields fields() override {
    return config::with(
        JointEmbedding::fields(),
        {{"temperature", &temperature_, {.min = 1e-3, .max = 1000, .help = "T of the loss"}}});
  }

  void build(const Site& site) override {
    check(site.classes >= 2, Kind::kUsage,
          "supcon needs labels of at least two classes, the data have {} (try: task.name=simclr)",
          site.classes);
    JointEmbedding::build(site);
  }

  // A part is anchors: both views of some samples.
  Compared compare(const Gathered& batch, const Part& part) override {
    const auto [logits, anchors] = contrast(batch.embeddings, 2, temperature_, part);
    const torch::Tensor labels = batch.labels.repeat_interleave(2);
    const torch::Tensor all = torch::arange(labels.size(0), anchors.options());
    const torch::Tensor own = labels.index_select(0, anchors).unsqueeze(1);
    const torch::Tensor partners = anchors.bitwise_xor(1);
    const torch::Tensor positive =  // [anchors, 2B]
        own.eq(labels)
            .logical_and(own.ge(0))
            .logical_or(partners.unsqueeze(1).eq(all))
            .logical_and(anchors.unsqueeze(1).ne(all));
    const torch::Tensor drawn =
        logits.masked_fill(positive.logical_not(), 0).sum(1) / positive.sum(1);
    const torch::Tensor right =
        positive.gather(1, logits.detach().argmax(1, /*keepdim=*/true)).sum();
    return {(logits.logsumexp(1) - drawn).sum(),
            static_cast<double>(labels.size(0)),
            {{"accuracy", right}}};
  }

 private:
  double temperature_ = 0.1;
};

ESPALIER_REGISTER(Task, SupCon, "supcon",
                  "supervised contrast: which views show an image of the same class?");

}  // namespace
}  // namespace espalier::pretext
