// SwAV (Caron et al. 2020, appendix A): two large and several small crops, all with the jitter of
// SimCLR; bilinear, as in VISSL. On CIFAR two views of 32 px and six of 18 px (solo-learn), without
// blur.
#include "augment/recipe.h"
#include "core/error.h"

namespace espalier::augment {
namespace {

class Swav : public Recipe {
 public:
  Swav() = default;

  Fields fields() override {
    return {{"size", &size_, {.min = 1, .unit = "px", .help = "side of a large view"}},
            {"small", &small_, {.min = 1, .unit = "px", .help = "side of a small view"}},
            {"count", &count_, {.min = 0, .help = "small views"}}};
  }

  std::vector<std::string> views() const override {
    const auto view = [&](int64_t size, const char* scale) {
      return fmt::format(
                 "random_resized_crop({}, scale={}, filter=bilinear) | flip(p=0.5) | "
                 "colour_jitter(0.8, 0.8, 0.8, 0.2, p=0.8) | grey(p=0.2)",
                 size, scale) +
             (blur_ ? " | blur(sigma=[0.1, 2], p=0.5)" : "");
    };
    std::vector<std::string> views(2, view(size_, "[0.14, 1]"));
    views.resize(static_cast<size_t>(2 + count_), view(small_, "[0.05, 0.14]"));
    return views;
  }

 protected:
  Swav(int64_t size, int64_t small, bool blur) : size_(size), small_(small), blur_(blur) {}

 private:
  int64_t size_ = 224, small_ = 96, count_ = 6;
  bool blur_ = true;
};

class SwavCifar : public Swav {
 public:
  SwavCifar() : Swav(32, 18, /*blur=*/false) {}
};

ESPALIER_REGISTER(Recipe, Swav, "swav", "SwAV: two large views and six small ones");
ESPALIER_REGISTER(Recipe, SwavCifar, "swav_cifar", "SwAV at 32 and 18 px, without blur");

}  // namespace
}  // namespace espalier::augment
