// How many dimensions the features use (tensor/feature_statistics.h).
#include "tensor/feature_statistics.h"

#include "layers/measure.h"

namespace espalier::layers {
namespace {

class RankMe : public LayerMeasure {
 public:
  std::string title() const override { return "RankMe"; }
  std::string reading() const override {
    return "Dimensions that the features use, without labels; at most the width of the stage and "
           "the number of images.";
  }

  Measured measure(const Look& look) const override {
    return of_stages(look.network,
                     [&](size_t stage) { return tensor::rank_me(look.network.features[stage]); });
  }
};

ESPALIER_REGISTER(LayerMeasure, RankMe, "rank_me", "RankMe: dimensions that the features use");

}  // namespace
}  // namespace espalier::layers
