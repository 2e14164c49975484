// BYOL (Grill et al. 2020, appendix B, table 6): two distributions; the first always blurs, the
// second seldom blurs and sometimes solarizes. Barlow Twins (Zbontar et al. 2021, section 2.2) took
// them over. On CIFAR no blur (solo-learn).
#include "augment/multi_crop.h"

namespace espalier::augment {
namespace {

class Byol : public OneSize {
 public:
  explicit Byol(int64_t size = 224, bool blur = true) : OneSize(size, blur) {}

  std::vector<std::string> views() const override {
    const std::string view = coloured("[0.08, 1]", "bicubic", "0.4, 0.4, 0.2, 0.1");
    return {view + blurred(1), view + blurred(0.1) + " | solarize(128, p=0.2)"};
  }
};

class ByolCifar : public Byol {
 public:
  ByolCifar() : Byol(32, /*blur=*/false) {}
};

class Barlow : public Byol {};
class BarlowCifar : public ByolCifar {};

ESPALIER_REGISTER(Recipe, Byol, "byol", "BYOL: two views of different distributions");
ESPALIER_REGISTER(Recipe, ByolCifar, "byol_cifar", "BYOL at 32 px, without blur");
ESPALIER_REGISTER(Recipe, Barlow, "barlow", "Barlow Twins: the views of BYOL");
ESPALIER_REGISTER(Recipe, BarlowCifar, "barlow_cifar", "Barlow Twins at 32 px, without blur");

}  // namespace
}  // namespace espalier::augment
