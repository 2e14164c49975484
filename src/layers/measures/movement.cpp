// How far the weights of each stage lie from those of another network: |w - v| / |v|.
#include <cmath>

#include "layers/measure.h"

namespace espalier::layers {
namespace {

class Movement : public LayerMeasure {
 public:
  std::string title() const override { return "Distance of the weights"; }
  std::string reading() const override {
    return "Length of the difference to the weights of the other run, over the length of those: 0 "
           "where they are the same, near 1.4 where they have nothing in common but their scale.";
  }

  Measured measure(const Look& look) const override {
    if (look.other == nullptr) return {};
    std::vector<double> moved(look.network.stages.size()), length(moved.size());
    const auto others = look.other->backbone->named_parameters();
    for (const auto& item : look.network.backbone->named_parameters()) {
      const auto stage = static_cast<size_t>(model::stage_of(*look.network.backbone, item.key()));
      const at::Tensor own = item.value().detach().to(at::kDouble);
      const at::Tensor other = others[item.key()].detach().to(at::kDouble);
      moved[stage] += (own - other).square().sum().item<double>();
      length[stage] += other.square().sum().item<double>();
    }
    return of_stages(look.network,
                     [&](size_t stage) { return std::sqrt(moved[stage] / length[stage]); });
  }
};

ESPALIER_REGISTER(LayerMeasure, Movement, "movement",
                  "distance of the weights to those of another run");

}  // namespace
}  // namespace espalier::layers
