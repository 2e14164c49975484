// SimCLR (Chen et al. 2020, appendix A) as VISSL runs it: two views of one distribution, full
// colour strength, the crop with torchvision's bilinear default. On CIFAR (appendix B.9) no blur;
// solo-learn's bicubic crop.
#include "augment/multi_crop.h"

namespace espalier::augment {
namespace {

class Simclr : public OneSize {
 public:
  explicit Simclr(int64_t size = 224, bool blur = true) : OneSize(size, blur) {}

  std::vector<std::string> views() const override {
    const std::string view =
        coloured("[0.08, 1]", blur_ ? "bilinear" : "bicubic", "0.8, 0.8, 0.8, 0.2") + blurred(0.5);
    return {view, view};
  }
};

class SimclrCifar : public Simclr {
 public:
  SimclrCifar() : Simclr(32, /*blur=*/false) {}
};

ESPALIER_REGISTER(Recipe, Simclr, "simclr", "SimCLR: two strong views");
ESPALIER_REGISTER(Recipe, SimclrCifar, "simclr_cifar", "SimCLR at 32 px, without blur");

}  // namespace
}  // namespace espalier::augment
