// The nearest neighbours of held-out images on each stage.
#include "layers/probing.h"

namespace espalier::layers {
namespace {

class Knn : public LayerMeasure {
 public:
  std::string title() const override { return "Accuracy of nearest neighbours"; }
  std::string reading() const override {
    return "Share of held-out images whose class their most similar images name; nothing is "
           "trained.";
  }
  bool share() const override { return true; }

  Measured measure(const Look& look) const override { return probe_accuracy("knn", look); }
};

ESPALIER_REGISTER(LayerMeasure, Knn, "knn", "accuracy of a vote of the nearest neighbours");

}  // namespace
}  // namespace espalier::layers
