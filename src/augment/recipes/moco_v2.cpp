// MoCo v2 (Chen et al. 2020): the crop from a fifth of the area on, half the jitter of SimCLR;
// bilinear, as in the authors' and VISSL's code. On CIFAR no blur and a bicubic crop, as
// solo-learn's.
#include "augment/recipe.h"
#include "core/error.h"

namespace espalier::augment {
namespace {

class MocoV2 : public Recipe {
 public:
  MocoV2() = default;
  Fields fields() override {
    return {{"size", &size_, {.min = 1, .unit = "px", .help = "side of a view"}}};
  }

  std::vector<std::string> views() const override {
    const std::string view =
        fmt::format(
            "random_resized_crop({}, scale=[0.2, 1], filter={}) | flip(p=0.5) | "
            "colour_jitter(0.4, 0.4, 0.4, 0.1, p=0.8) | grey(p=0.2)",
            size_, blur_ ? "bilinear" : "bicubic") +
        (blur_ ? " | blur(sigma=[0.1, 2], p=0.5)" : "");
    return {view, view};
  }

 protected:
  MocoV2(int64_t size, bool blur) : size_(size), blur_(blur) {}

 private:
  int64_t size_ = 224;
  bool blur_ = true;
};

class MocoV2Cifar : public MocoV2 {
 public:
  MocoV2Cifar() : MocoV2(32, /*blur=*/false) {}
};

ESPALIER_REGISTER(Recipe, MocoV2, "moco_v2", "MoCo v2: two milder views");
ESPALIER_REGISTER(Recipe, MocoV2Cifar, "moco_v2_cifar", "MoCo v2 at 32 px, without blur");

}  // namespace
}  // namespace espalier::augment
