// What the features promise for the classes (tensor/transferability.h).
#include "tensor/transferability.h"

#include <ATen/TensorIndexing.h>

#include "layers/measure.h"

namespace espalier::layers {
namespace {

class LogMe : public LayerMeasure {
 public:
  std::string title() const override { return "LogME"; }
  std::string reading() const override {
    return "Log evidence an image of a linear model from features to classes; higher is better, "
           "and only stages of one data set compare.";
  }

  Measured measure(const Look& look) const override {
    if (look.labels == nullptr) return {};
    const at::Tensor rows = at::cat({look.labels->learn, look.labels->choose});
    return of_stages(look.network, [&](size_t stage) {
      return tensor::log_me(look.network.features[stage].index({rows}),
                            look.labels->classes.index({rows}), look.labels->class_count);
    });
  }
};

ESPALIER_REGISTER(LayerMeasure, LogMe, "log_me", "LogME: evidence of a linear model");

}  // namespace
}  // namespace espalier::layers
