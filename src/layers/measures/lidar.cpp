// In how many dimensions images differ more than views of one image do (tensor/feature_statistics.h).
#include "tensor/feature_statistics.h"

#include "layers/measure.h"

namespace espalier::layers {
namespace {

class Lidar : public LayerMeasure {
 public:
  std::string title() const override { return "LiDAR"; }
  std::string reading() const override {
    return "Dimensions in which images differ more than views of one image do, without labels; "
           "views are draws of the training pipeline.";
  }

  Measured measure(const Look& look) const override {
    if (look.network.views.empty()) return {};
    return of_stages(look.network,
                     [&](size_t stage) { return tensor::lidar(look.network.views[stage]); });
  }
};

ESPALIER_REGISTER(LayerMeasure, Lidar, "lidar",
                  "LiDAR: dimensions in which images differ more than their views");

}  // namespace
}  // namespace espalier::layers
