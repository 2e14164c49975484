// MMCR (Yerxa et al., "Learning efficient coding of natural images with maximum manifold capacity
// representations", NeurIPS 2023, section 2.3): the views of an image lie close together, the
// images' centroids fill as many dimensions as they can.
//
// Views K x [n, C, H, W] -> a forward over the views of each size -> pooled features -> projector
// (linear, batch normalisation, ReLU, twice; linear) -> z [B, K, D] of the whole global batch, rows
// scaled to length 1. With the centroids c_b = 1/K sum_k z_bk as rows of C [B, D], and |.|_* the
// nuclear norm, the sum of singular values,
//   L = -|C|_* + lambda / B sum_b |z_b|_*.
// lightly's loss does not scale z, which makes the norm unbounded, and takes lambda 5e-3; the
// authors' code scales z, as here, and its lambda is 0.
//
// The first part computes |C|_* alone: singular values cannot be cut, and O(B D min(B, D)) in every
// part would only repeat it. The sum over b is cut by samples.
// Defaults: lambda 0, K 2 (the paper also has 4 and 8), three layers of 2,048, 2,048 and 512 (the
// paper: 8,192, 8,192, 512 for ImageNet). A fresh network, whose embeddings are all alike, has a
// loss of about -sqrt(B); the least possible is -sqrt(B min(B, D)).
#include <torch/torch.h>

#include "config/plugin_options.h"
#include "pretext/blocks/joint_embedding.h"
#include "pretext/blocks/rows.h"

namespace espalier::pretext {
namespace {

class Mmcr : public JointEmbedding {
 public:
  Mmcr() : JointEmbedding({.widths = {2048, 2048, 512}}) {}

  About about() const override {
    return {.family = Family::kInstance,
            .paper = "Yerxa et al. 2023",
            .loss = "nuclear norm of the centroids of images",
            .differs = "smaller layers"};
  }

  Fields fields() override {
    return config::with(
        JointEmbedding::fields(),
        {{"view_count", &views_, {.min = 2, .max = 64, .help = "views K of each image"}},
         {"lambda",
          &lambda_,
          {.min = 0, .max = 1e6, .help = "weight of how many dimensions an image's views fill"}}});
  }

  int64_t view_count() const override { return views_; }

  Compared compare(const Gathered& batch, const Part& part) override {
    const int64_t samples = batch.embeddings.size(0);
    const int64_t first = part.first(samples), count = part.last(samples) - first;
    const auto scaled = [&](const torch::Tensor& rows) {  // [b, K, D]
      return unit_rows(rows.reshape({rows.size(0) * views_, -1})).view({rows.size(0), views_, -1});
    };
    torch::Tensor sum = 0 * batch.embeddings.narrow(0, 0, 1).sum();
    if (part.index == 0) sum = sum - torch::linalg_svdvals(scaled(batch.embeddings).mean(1)).sum();
    if (lambda_ > 0) {
      const torch::Tensor own = scaled(batch.embeddings.narrow(0, first, count));
      sum = sum + torch::linalg_svdvals(own).sum() * (lambda_ / static_cast<double>(samples));
    }
    return {sum, 1};
  }

 private:
  int64_t views_ = 2;
  double lambda_ = 0;
};

ESPALIER_REGISTER(Task, Mmcr, "mmcr",
                  "manifold capacity: centroids of the images' views fill many dimensions");

}  // namespace
}  // namespace espalier::pretext
