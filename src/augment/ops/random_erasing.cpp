// A box of random area and shape, filled with one value (Zhong et al. 2017): torchvision's
// RandomErasing, on bytes instead of normalised numbers; so the value is a byte. After ten boxes
// that do not fit the image stays as it is.
#include <cmath>

#include "augment/erases.h"
#include "augment/fields.h"

namespace espalier::augment {
namespace {

constexpr int kTries = 10;

class RandomErasing : public Erases {
 public:
  void validate() const override {
    Erases::validate();
    check_range("random_erasing.scale", scale_);
    check_range("random_erasing.ratio", ratio_);
  }

  bool draw(Draw& draw, image::ViewShape in, Parameters& boxes) const override {
    if (!draw.chance(probability_)) return false;
    const double area = static_cast<double>(in.height * in.width);
    for (int i = 0; i < kTries; ++i) {
      const double target = area * draw.uniform(scale_[0], scale_[1]);
      const double ratio = std::exp(draw.uniform(std::log(ratio_[0]), std::log(ratio_[1])));
      const auto height = static_cast<int64_t>(std::nearbyint(std::sqrt(target * ratio)));
      const auto width = static_cast<int64_t>(std::nearbyint(std::sqrt(target / ratio)));
      if (height < 1 || width < 1 || height >= in.height || width >= in.width) continue;
      const int64_t top = draw.below(in.height - height + 1);
      const int64_t left = draw.below(in.width - width + 1);
      add({top, left, height, width}, boxes);
      return true;
    }
    return false;
  }

 private:
  Fields options() override {
    return {probability_field(probability_), area_field(scale_),
            ratio_field(ratio_, "height / width of the box")};
  }

  double probability_ = 0.5;
  std::vector<double> scale_ = {0.02, 0.33}, ratio_ = {0.3, 3.3};
};

ESPALIER_REGISTER(Op, RandomErasing, "random_erasing", "fills a box of random area and shape");

}  // namespace
}  // namespace espalier::augment
