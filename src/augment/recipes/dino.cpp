// DINO (Caron et al. 2021, appendix C; main_dino.py): two large crops that blur as BYOL's two views
// do, and several small ones that blur half of the time. On CIFAR two views of 32 px and no blur
// (solo-learn).
#include "augment/multi_crop.h"

namespace espalier::augment {
namespace {

class Dino : public MultiCrop {
 public:
  explicit Dino(int64_t size = 224, int64_t count = 8, bool blur = true)
      : MultiCrop(size, /*small=*/96, count, blur) {}

  std::vector<std::string> views() const override {
    const auto view = [&](int64_t size, const char* scale, double blur) {
      return coloured(size, scale, "bicubic", "0.4, 0.4, 0.2, 0.1") + blurred(blur);
    };
    std::vector<std::string> views = {view(size_, "[0.4, 1]", 1),
                                      view(size_, "[0.4, 1]", 0.1) + " | solarize(128, p=0.2)"};
    views.resize(static_cast<size_t>(2 + count_), view(small_, "[0.05, 0.4]", 0.5));
    return views;
  }
};

class DinoCifar : public Dino {
 public:
  DinoCifar() : Dino(32, /*count=*/0, /*blur=*/false) {}
};

ESPALIER_REGISTER(Recipe, Dino, "dino", "DINO: two large views and eight small ones");
ESPALIER_REGISTER(Recipe, DinoCifar, "dino_cifar", "DINO at 32 px: two views, without blur");

}  // namespace
}  // namespace espalier::augment
