// MAE (He et al. 2022, appendix A.1): one view, cropped and flipped; the task hides patches itself.
#include "augment/multi_crop.h"

namespace espalier::augment {
namespace {

class Mae : public OneSize {
 public:
  explicit Mae(int64_t size = 224) : OneSize(size, /*blur=*/false) {}

  std::vector<std::string> views() const override {
    return {fmt::format("random_resized_crop({}, scale=[0.2, 1], filter=bicubic) | flip(p=0.5)",
                        size_)};
  }
};

class MaeCifar : public Mae {
 public:
  MaeCifar() : Mae(32) {}
};

ESPALIER_REGISTER(Recipe, Mae, "mae", "MAE: one view, cropped and flipped");
ESPALIER_REGISTER(Recipe, MaeCifar, "mae_cifar", "MAE at 32 px");

}  // namespace
}  // namespace espalier::augment
