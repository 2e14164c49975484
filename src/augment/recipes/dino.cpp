// DINO (Caron et al. 2021, appendix C; main_dino.py): two large crops that blur as BYOL's two views
// do, and several small ones that blur half of the time. On CIFAR two views of 32 px and no blur
// (solo-learn).
#include "augment/recipe.h"
#include "core/error.h"

namespace espalier::augment {
namespace {

class Dino : public Recipe {
 public:
  Dino() = default;

  Fields fields() override {
    return {{"size", &size_, {.min = 1, .unit = "px", .help = "side of a large view"}},
            {"small", &small_, {.min = 1, .unit = "px", .help = "side of a small view"}},
            {"count", &count_, {.min = 0, .help = "small views"}}};
  }

  std::vector<std::string> views() const override {
    const auto view = [&](int64_t size, const char* scale, double blur) {
      return fmt::format(
                 "random_resized_crop({}, scale={}, filter=bicubic) | flip(p=0.5) | "
                 "colour_jitter(0.4, 0.4, 0.2, 0.1, p=0.8) | grey(p=0.2)",
                 size, scale) +
             (blur_ ? fmt::format(" | blur(sigma=[0.1, 2], p={})", blur) : "");
    };
    std::vector<std::string> views = {view(size_, "[0.4, 1]", 1),
                                      view(size_, "[0.4, 1]", 0.1) + " | solarize(128, p=0.2)"};
    views.resize(static_cast<size_t>(2 + count_), view(small_, "[0.05, 0.4]", 0.5));
    return views;
  }

 protected:
  Dino(int64_t size, int64_t count, bool blur) : size_(size), count_(count), blur_(blur) {}

 private:
  int64_t size_ = 224, small_ = 96, count_ = 8;
  bool blur_ = true;
};

class DinoCifar : public Dino {
 public:
  DinoCifar() : Dino(32, 0, /*blur=*/false) {}
};

ESPALIER_REGISTER(Recipe, Dino, "dino", "DINO: two large views and eight small ones");
ESPALIER_REGISTER(Recipe, DinoCifar, "dino_cifar", "DINO at 32 px: two views, without blur");

}  // namespace
}  // namespace espalier::augment
