// How alike the stages of one network are (tensor/similarity.h).
#include "layers/measure.h"
#include "tensor/similarity.h"

namespace espalier::layers {
namespace {

class Cka : public LayerMeasure {
 public:
  std::string title() const override { return "Similarity of stages (linear CKA)"; }
  std::string reading() const override {
    return "1 where two stages say the same of these images, up to a turn and a scale; blocks are "
           "stages that change little.";
  }

  Measured measure(const Look& look) const override {
    Measured measured;
    for (const at::Tensor& own : look.network.features) {
      measured.table.emplace_back();
      for (const at::Tensor& other : look.network.features)
        measured.table.back().push_back(tensor::linear_cka(own, other));
    }
    return measured;
  }
};

ESPALIER_REGISTER(LayerMeasure, Cka, "cka", "linear CKA of every two stages");

}  // namespace
}  // namespace espalier::layers
