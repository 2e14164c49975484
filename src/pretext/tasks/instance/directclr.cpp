// DirectCLR (Jing et al., "Understanding dimensional collapse in contrastive self-supervised
// learning", ICLR 2022, section 6.1): contrastive learning without a projector, on the first
// dimensions of the representation alone.
//
// Views 2 x [n, C, H, W] -> one forward over [2n, C, H, W] -> pooled features r -> z = the first d0
// of them, scaled to length 1 -> NT-Xent at temperature T (pretext/blocks/contrast.h). The other
// dimensions hold what residual connections carry there; in a backbone without any (conv_bn) the
// filters that make them stay as they began.
// Defaults are the paper's for ImageNet and ResNet-50: T 0.1, and d0 = 360 of 2,048 dimensions, for
// other widths the same share, at least two. A fresh network, whose cosines are all near 1, has a
// loss of about log(2B - 1).
#include <torch/torch.h>

#include <cmath>

#include "pretext/blocks/contrast.h"
#include "pretext/blocks/rows.h"
#include "pretext/task.h"

namespace espalier::pretext {
namespace {

class DirectClr : public Task {
 public:
  About about() const override {
    return {.family = Family::kInstance,
            .paper = "Jing et al. 2022",
            .loss = "NT-Xent on the first dimensions of the representation"};
  }

  Fields fields() override {
    return {{"temperature", &temperature_, {.min = 1e-3, .max = 1000, .help = "T of the loss"}},
            {"share",
             &share_,
             {.min = 0,
              .max = 1,
              .unit = "of the representation",
              .help = "share of its dimensions, the first ones, that the loss sees"}}};
  }

  int64_t view_count() const override { return 2; }
  bool compares() const override { return true; }

  void build(const Site& site) override {
    const auto width = static_cast<double>(site.width());
    dimensions_ =
        std::max<int64_t>(std::min<int64_t>(2, site.width()), std::lround(share_ * width));
  }

  LaneOutput run(model::Backbone& backbone, const LaneInput& input) override {
    const torch::Tensor r = backbone.represent(input.features(torch::cat(input.views)));
    return {.embeddings = side_by_side(r.narrow(1, 0, dimensions_), 2)};
  }

  // A part is anchors: both views of some samples.
  Compared compare(const Gathered& batch, const Part& part) override {
    return nt_xent(batch.embeddings, temperature_, part);
  }

 private:
  double temperature_ = 0.1;
  double share_ = 360.0 / 2048;
  int64_t dimensions_ = 1;
};

ESPALIER_REGISTER(Task, DirectClr, "directclr",
                  "instance discrimination on the first dimensions of the representation itself");

}  // namespace
}  // namespace espalier::pretext
