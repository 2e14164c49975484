// VICReg (Bardes et al. 2022) as solo-learn runs it: one distribution with half of BYOL's blur and
// solarization, the crop from a fifth of the area on. On CIFAR no blur.
#include "augment/multi_crop.h"

namespace espalier::augment {
namespace {

class Vicreg : public OneSize {
 public:
  explicit Vicreg(int64_t size = 224, bool blur = true) : OneSize(size, blur) {}

  std::vector<std::string> views() const override {
    const std::string view = coloured("[0.2, 1]", "bicubic", "0.4, 0.4, 0.2, 0.1") + blurred(0.5) +
                             " | solarize(128, p=0.1)";
    return {view, view};
  }
};

class VicregCifar : public Vicreg {
 public:
  VicregCifar() : Vicreg(32, /*blur=*/false) {}
};

ESPALIER_REGISTER(Recipe, Vicreg, "vicreg", "VICReg: two views of one distribution");
ESPALIER_REGISTER(Recipe, VicregCifar, "vicreg_cifar", "VICReg at 32 px, without blur");

}  // namespace
}  // namespace espalier::augment
