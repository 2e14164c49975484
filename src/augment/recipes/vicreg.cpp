// VICReg (Bardes et al. 2022) as solo-learn runs it: one distribution with half of BYOL's blur and
// solarization, the crop from a fifth of the area on. On CIFAR no blur.
#include "augment/recipe.h"
#include "core/error.h"

namespace espalier::augment {
namespace {

class Vicreg : public Recipe {
 public:
  Vicreg() = default;
  Fields fields() override {
    return {{"size", &size_, {.min = 1, .unit = "px", .help = "side of a view"}}};
  }

  std::vector<std::string> views() const override {
    const std::string view =
        fmt::format(
            "random_resized_crop({}, scale=[0.2, 1], filter=bicubic) | flip(p=0.5) | "
            "colour_jitter(0.4, 0.4, 0.2, 0.1, p=0.8) | grey(p=0.2)",
            size_) +
        (blur_ ? " | blur(sigma=[0.1, 2], p=0.5)" : "") + " | solarize(128, p=0.1)";
    return {view, view};
  }

 protected:
  Vicreg(int64_t size, bool blur) : size_(size), blur_(blur) {}

 private:
  int64_t size_ = 224;
  bool blur_ = true;
};

class VicregCifar : public Vicreg {
 public:
  VicregCifar() : Vicreg(32, /*blur=*/false) {}
};

ESPALIER_REGISTER(Recipe, Vicreg, "vicreg", "VICReg: two equal, symmetric views");
ESPALIER_REGISTER(Recipe, VicregCifar, "vicreg_cifar", "VICReg at 32 px, without blur");

}  // namespace
}  // namespace espalier::augment
