// SimCLR (Chen et al. 2020, appendix A) as VISSL runs it: two views of one distribution, full
// colour strength, the crop with torchvision's bilinear default. On CIFAR (appendix B.9) no blur;
// solo-learn's bicubic crop.
#include "augment/recipe.h"
#include "core/error.h"

namespace espalier::augment {
namespace {

class Simclr : public Recipe {
 public:
  Simclr() = default;
  Fields fields() override {
    return {{"size", &size_, {.min = 1, .unit = "px", .help = "side of a view"}}};
  }

  std::vector<std::string> views() const override {
    const std::string view =
        fmt::format(
            "random_resized_crop({}, scale=[0.08, 1], filter={}) | flip(p=0.5) | "
            "colour_jitter(0.8, 0.8, 0.8, 0.2, p=0.8) | grey(p=0.2)",
            size_, blur_ ? "bilinear" : "bicubic") +
        (blur_ ? " | blur(sigma=[0.1, 2], p=0.5)" : "");
    return {view, view};
  }

 protected:
  Simclr(int64_t size, bool blur) : size_(size), blur_(blur) {}

 private:
  int64_t size_ = 224;
  bool blur_ = true;
};

class SimclrCifar : public Simclr {
 public:
  SimclrCifar() : Simclr(32, /*blur=*/false) {}
};

ESPALIER_REGISTER(Recipe, Simclr, "simclr", "SimCLR: two strong views");
ESPALIER_REGISTER(Recipe, SimclrCifar, "simclr_cifar", "SimCLR at 32 px, without blur");

}  // namespace
}  // namespace espalier::augment
