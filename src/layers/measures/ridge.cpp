// A linear classifier on each stage (Alain & Bengio, arXiv 1610.01644), solved in closed form.
#include "layers/probing.h"

namespace espalier::layers {
namespace {

class RidgeProbe : public LayerMeasure {
 public:
  std::string title() const override { return "Accuracy of a linear probe"; }
  std::string reading() const override {
    return "Share of held-out images whose class a ridge classifier on the pooled features names; "
           "the bar is the interval of these images.";
  }
  bool share() const override { return true; }

  Measured measure(const Look& look) const override { return probe_accuracy("ridge", look); }
};

ESPALIER_REGISTER(LayerMeasure, RidgeProbe, "ridge",
                  "accuracy of a ridge classifier on the features");

}  // namespace
}  // namespace espalier::layers
