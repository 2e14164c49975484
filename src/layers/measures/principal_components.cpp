// Images in the plane of the first two principal components of each stage's features.
#include <torch/torch.h>

#include <fmt/format.h>

#include "layers/measure.h"

namespace espalier::layers {
namespace {

class PrincipalComponents : public LayerMeasure {
 public:
  std::string title() const override { return "Principal components"; }
  std::string reading() const override {
    return "Images in the plane in which the features spread most, with the share of their spread "
           "that each axis holds. Distances in other directions are not seen.";
  }

  Measured measure(const Look& look) const override {
    Measured measured;
    for (const at::Tensor& features : look.network.features) {
      const at::Tensor x = features.to(torch::kDouble);
      Scatter scatter;
      if (x.isfinite().all().item<bool>() && std::min(x.size(0), x.size(1)) >= 2) {
        const auto [u, s, v] = at::linalg_svd(x - x.mean(0, true), /*full_matrices=*/false);
        const at::Tensor spread = s.square() / s.square().sum().clamp_min(1e-300);
        const auto axis = [&](int64_t i) {
          const auto share = spread[i].item<double>();
          return fmt::format("component {}, {:.0f} % of the spread", i + 1, 100 * share);
        };
        scatter.x = axis(0);
        scatter.y = axis(1);
        const at::Tensor places = (u * s).narrow(1, 0, 2).contiguous();
        const auto rows = places.accessor<double, 2>();
        for (int64_t i = 0; i < places.size(0); ++i)
          scatter.points.push_back({rows[i][0], rows[i][1]});
      }
      measured.scatters.push_back(std::move(scatter));
    }
    return measured;
  }
};

ESPALIER_REGISTER(LayerMeasure, PrincipalComponents, "principal_components",
                  "images by the first two principal components");

}  // namespace
}  // namespace espalier::layers
