// How alike the stages of two networks are (tensor/similarity.h).
#include "layers/measure.h"
#include "tensor/similarity.h"

namespace espalier::layers {
namespace {

class CkaAgainst : public LayerMeasure {
 public:
  std::string title() const override { return "Similarity to the other run (linear CKA)"; }
  std::string reading() const override {
    return "Rows are stages of this network, columns those of the other run; the diagonal says how "
           "much of each stage is still there.";
  }

  Measured measure(const Look& look) const override {
    if (look.other == nullptr) return {};
    Measured measured;
    for (const at::Tensor& own : look.network.features) {
      measured.table.emplace_back();
      for (const at::Tensor& other : (*look.other).features)
        measured.table.back().push_back(tensor::linear_cka(own, other));
    }
    return measured;
  }
};

ESPALIER_REGISTER(LayerMeasure, CkaAgainst, "cka_against",
                  "linear CKA of every stage with every one of another run");

}  // namespace
}  // namespace espalier::layers
