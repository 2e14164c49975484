// What the features promise for the classes (tensor/transferability.h).
#include "tensor/transferability.h"

#include <ATen/TensorIndexing.h>

#include "layers/measure.h"

namespace espalier::layers {
namespace {

class HScore : public LayerMeasure {
 public:
  std::string title() const override { return "H-score"; }
  std::string reading() const override {
    return "How much of the features' spread the classes explain, at most the number of classes "
           "less one; a wide stage with few images reaches that without merit.";
  }

  Measured measure(const Look& look) const override {
    if (look.labels == nullptr) return {};
    const at::Tensor rows = at::cat({look.labels->learn, look.labels->choose});
    return of_stages(look.network, [&](size_t stage) {
      return tensor::h_score(look.network.features[stage].index({rows}),
                             look.labels->classes.index({rows}), look.labels->class_count);
    });
  }
};

ESPALIER_REGISTER(LayerMeasure, HScore, "h_score", "H-score: spread that the classes explain");

}  // namespace
}  // namespace espalier::layers
