// SwAV (Caron et al. 2020, appendix A): two large and several small crops, all with the jitter of
// SimCLR; bilinear, as in VISSL. On CIFAR two views of 32 px and six of 18 px (solo-learn), without
// blur.
#include "augment/multi_crop.h"

namespace espalier::augment {
namespace {

class Swav : public MultiCrop {
 public:
  explicit Swav(int64_t size = 224, int64_t small = 96, bool blur = true)
      : MultiCrop(size, small, /*count=*/6, blur) {}

  std::vector<std::string> views() const override {
    const auto view = [&](int64_t size, const char* scale) {
      return coloured(size, scale, "bilinear", "0.8, 0.8, 0.8, 0.2") + blurred(0.5);
    };
    std::vector<std::string> views(2, view(size_, "[0.14, 1]"));
    views.resize(static_cast<size_t>(2 + count_), view(small_, "[0.05, 0.14]"));
    return views;
  }
};

class SwavCifar : public Swav {
 public:
  SwavCifar() : Swav(32, 18, /*blur=*/false) {}
};

ESPALIER_REGISTER(Recipe, Swav, "swav", "SwAV: two large views and six small ones");
ESPALIER_REGISTER(Recipe, SwavCifar, "swav_cifar", "SwAV at 32 and 18 px, without blur");

}  // namespace
}  // namespace espalier::augment
