// MAE (He et al. 2022, appendix A.1): one view, cropped and flipped; the task hides patches itself.
#include "augment/recipe.h"
#include "core/error.h"

namespace espalier::augment {
namespace {

class Mae : public Recipe {
 public:
  Mae() = default;

  Fields fields() override {
    return {{"size", &size_, {.min = 1, .unit = "px", .help = "side of a view"}}};
  }

  std::vector<std::string> views() const override {
    return {fmt::format("random_resized_crop({}, scale=[0.2, 1], filter=bicubic) | flip(p=0.5)",
                        size_)};
  }

 protected:
  explicit Mae(int64_t size) : size_(size) {}

 private:
  int64_t size_ = 224;
};

class MaeCifar : public Mae {
 public:
  MaeCifar() : Mae(32) {}
};

ESPALIER_REGISTER(Recipe, Mae, "mae", "MAE: one view, cropped and flipped");
ESPALIER_REGISTER(Recipe, MaeCifar, "mae_cifar", "MAE at 32 px");

}  // namespace
}  // namespace espalier::augment
