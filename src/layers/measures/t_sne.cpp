// Images in the plane by t-SNE (tensor/tsne.h).
#include "tensor/tsne.h"

#include "layers/measure.h"

namespace espalier::layers {
namespace {

constexpr int64_t kMost = 600, kFewest = 10;  // images

class TSne : public LayerMeasure {
 public:
  std::string title() const override { return "t-SNE"; }
  std::string reading() const override {
    return "Images in the plane so that those with like features lie together (perplexity 30). Who "
           "is whose neighbour means something; distances between groups and their sizes do not.";
  }

  Measured measure(const Look& look) const override {
    Measured measured;
    for (const at::Tensor& features : look.network.features) {
      const at::Tensor x = features.narrow(0, 0, std::min(kMost, features.size(0)));
      Scatter scatter{.x = "t-SNE 1", .y = "t-SNE 2", .points = {}};
      if (x.size(0) >= kFewest && x.isfinite().all().item<bool>()) {
        const at::Tensor points = tensor::tsne(x).points;
        const auto rows = points.accessor<double, 2>();
        for (int64_t i = 0; i < points.size(0); ++i)
          scatter.points.push_back({rows[i][0], rows[i][1]});
      }
      measured.scatters.push_back(std::move(scatter));
    }
    return measured;
  }
};

ESPALIER_REGISTER(LayerMeasure, TSne, "t_sne", "images by t-SNE");

}  // namespace
}  // namespace espalier::layers
