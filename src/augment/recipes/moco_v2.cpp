// MoCo v2 (Chen et al. 2020): the crop from a fifth of the area on, half the jitter of SimCLR;
// bilinear, as in the authors' and VISSL's code. On CIFAR no blur and a bicubic crop, as
// solo-learn's.
#include "augment/multi_crop.h"

namespace espalier::augment {
namespace {

class MocoV2 : public OneSize {
 public:
  explicit MocoV2(int64_t size = 224, bool blur = true) : OneSize(size, blur) {}

  std::vector<std::string> views() const override {
    const std::string view =
        coloured("[0.2, 1]", blur_ ? "bilinear" : "bicubic", "0.4, 0.4, 0.4, 0.1") + blurred(0.5);
    return {view, view};
  }
};

class MocoV2Cifar : public MocoV2 {
 public:
  MocoV2Cifar() : MocoV2(32, /*blur=*/false) {}
};

ESPALIER_REGISTER(Recipe, MocoV2, "moco_v2", "MoCo v2: two milder views");
ESPALIER_REGISTER(Recipe, MocoV2Cifar, "moco_v2_cifar", "MoCo v2 at 32 px, without blur");

}  // namespace
}  // namespace espalier::augment
