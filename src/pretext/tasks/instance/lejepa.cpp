// LeJEPA (Balestriero & LeCun, "LeJEPA: provable and scalable self-supervised learning without the
// heuristics", arXiv 2511.08544, section 5): all views of an image agree with the centre of its
// global views, and embeddings are distributed like an isotropic Gaussian. No teacher, no
// stop-gradient.
//
// Views V x [n, C, H, W], the global ones first -> a forward over the views of each size -> pooled
// features -> projector (linear, batch normalisation, ReLU, twice; linear) -> z [V, B, D] of the
// whole global batch. With m_b the mean of sample b's global views,
//   L = (1 - lambda) 1/(V B D) sum_vb |z_vb - m_b|^2 + lambda mean over slices of SIGReg
// (pretext/blocks/sigreg.h). Slices are drawn anew in each step by (seed, step).
//
// A part is slices, and samples for the first term.
// Defaults: lambda 0.05 and 1,024 slices as in the paper; four views, all of them global, and
// layers of 2,048, 2,048 and 16 as in the authors' small example (whose lambda is 0.02). The
// paper's runs on ImageNet have two global and eight smaller local views. A fresh network whose
// embeddings are near 0 has a loss of about 0.4 lambda B; one that is done, about lambda.
#include <torch/torch.h>

#include "config/plugin_options.h"
#include "pretext/blocks/joint_embedding.h"
#include "pretext/blocks/rows.h"
#include "pretext/blocks/sigreg.h"
#include "tensor/convert.h"

namespace espalier::pretext {
namespace {

class LeJepa : public JointEmbedding {
 public:
  LeJepa() : JointEmbedding({.widths = {2048, 2048, 16}}) {}

  About about() const override {
    return {.family = Family::kInstance,
            .paper = "Balestriero & LeCun 2025",
            .loss = "agreement of views, and a Gaussian along drawn directions",
            .differs = "global views alone by default"};
  }

  Fields fields() override {
    return config::with(
        JointEmbedding::fields(),
        {{"global_views",
          &global_views_,
          {.min = 1, .max = 64, .help = "views whose mean all views are drawn to; the first ones"}},
         {"local_views", &local_views_, {.min = 0, .max = 64, .help = "views beside those"}},
         {"lambda",
          &lambda_,
          {.min = 0, .max = 1, .help = "share of the loss that shapes the distribution"}},
         {"slices",
          &slices_,
          {.min = 1, .max = 1e6, .help = "directions in which the distribution is looked at"}}});
  }

  int64_t view_count() const override { return global_views_ + local_views_; }

  Compared compare(const Gathered& batch, const Part& part) override {
    const int64_t samples = batch.embeddings.size(0);
    const torch::Tensor z = batch.embeddings.view({samples, view_count(), -1});
    const torch::Tensor own = z.slice(0, part.first(samples), part.last(samples));
    const torch::Tensor centre = own.narrow(1, 0, global_views_).mean(1, /*keepdim=*/true);
    const torch::Tensor apart =
        (own - centre).square().sum() / static_cast<double>(batch.embeddings.numel());
    const auto step = static_cast<uint64_t>(batch.step.number);
    const uint64_t key = Draw(batch.step.seed, "lejepa.slices", {step}).u64();
    const torch::Tensor slices =
        tensor::to_like(drawn_slices(key, part.first(slices_), part.last(slices_), z.size(2)), z);
    const torch::Tensor shape = sigreg(z.transpose(0, 1), slices) / static_cast<double>(slices_);
    return {(1 - lambda_) * apart + lambda_ * shape,
            1,
            {{"invariance", apart.detach()}, {"sigreg", shape.detach()}}};
  }

 private:
  int64_t global_views_ = 4;
  int64_t local_views_ = 0;
  double lambda_ = 0.05;
  int64_t slices_ = 1024;
};

ESPALIER_REGISTER(Task, LeJepa, "lejepa",
                  "all views of an image agree, and embeddings are distributed like a Gaussian");

}  // namespace
}  // namespace espalier::pretext
