// BYOL (Grill et al. 2020, appendix B, table 6): two distributions; the first always blurs, the
// second seldom blurs and sometimes solarizes. Barlow Twins (Zbontar et al. 2021, section 2.2) took
// them over. On CIFAR no blur (solo-learn).
#include "augment/recipe.h"
#include "core/error.h"

namespace espalier::augment {
namespace {

class Byol : public Recipe {
 public:
  Byol() = default;
  Fields fields() override {
    return {{"size", &size_, {.min = 1, .unit = "px", .help = "side of a view"}}};
  }

  std::vector<std::string> views() const override {
    const std::string view = fmt::format(
        "random_resized_crop({}, scale=[0.08, 1], filter=bicubic) | flip(p=0.5) | "
        "colour_jitter(0.4, 0.4, 0.2, 0.1, p=0.8) | grey(p=0.2)",
        size_);
    const auto blur = [&](double probability) {
      return blur_ ? fmt::format(" | blur(sigma=[0.1, 2], p={})", probability) : "";
    };
    return {view + blur(1), view + blur(0.1) + " | solarize(128, p=0.2)"};
  }

 protected:
  Byol(int64_t size, bool blur) : size_(size), blur_(blur) {}

 private:
  int64_t size_ = 224;
  bool blur_ = true;
};

class ByolCifar : public Byol {
 public:
  ByolCifar() : Byol(32, /*blur=*/false) {}
};

class Barlow : public Byol {};
class BarlowCifar : public ByolCifar {};

ESPALIER_REGISTER(Recipe, Byol, "byol", "BYOL: two unlike views");
ESPALIER_REGISTER(Recipe, ByolCifar, "byol_cifar", "BYOL at 32 px, without blur");
ESPALIER_REGISTER(Recipe, Barlow, "barlow", "Barlow Twins: the views of BYOL");
ESPALIER_REGISTER(Recipe, BarlowCifar, "barlow_cifar", "Barlow Twins at 32 px, without blur");

}  // namespace
}  // namespace espalier::augment
