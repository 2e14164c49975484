// How fast the spectrum of the features falls (tensor/feature_statistics.h).
#include "tensor/feature_statistics.h"

#include "layers/measure.h"

namespace espalier::layers {
namespace {

class AlphaReq : public LayerMeasure {
 public:
  std::string title() const override { return "Alpha-ReQ"; }
  std::string reading() const override {
    return "Slope of the spectrum, without labels: near 0 all directions carry alike, large means "
           "that a few carry everything; its paper finds the best features near 1.";
  }

  Measured measure(const Look& look) const override {
    return of_stages(look.network,
                     [&](size_t stage) { return tensor::alpha_req(look.network.features[stage]); });
  }
};

ESPALIER_REGISTER(LayerMeasure, AlphaReq, "alpha_req", "alpha-ReQ: how fast the spectrum falls");

}  // namespace
}  // namespace espalier::layers
