// A box of random area and shape, filled with one value (Zhong et al. 2017): torchvision's
// RandomErasing, on bytes instead of normalised numbers; so the value is a byte. After ten boxes
// that do not fit the image stays as it is.
#include <cmath>

#include "augment/box.h"
#include "augment/op.h"
#include "core/error.h"
#include "image/geometry.h"

namespace espalier::augment {
namespace {

constexpr int kTries = 10;

class RandomErasing : public Op {
 public:
  Fields fields() override {
    return {{"p", &probability_, {.min = 0, .max = 1, .help = "probability"}},
            {"scale", &scale_, {.min = 0, .max = 1, .help = "least and most share of the area"}},
            {"ratio", &ratio_, {.min = 1e-3, .help = "least and most height / width"}},
            value_field(value_)};
  }

  void validate() const override {
    for (const auto* range : {&scale_, &ratio_}) {
      check(range->size() == 2 && (*range)[0] <= (*range)[1], Kind::kUsage,
            "random_erasing.{} must be two numbers, the least and the most",
            range == &scale_ ? "scale" : "ratio");
    }
  }

  bool draw(Draw& draw, image::ViewShape in, Parameters& box) const override {
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
      set_box({top, left, height, width}, in, box);
      return true;
    }
    return false;
  }

  void apply(const image::Pixels& from, const Parameters& box, image::Image& to) const override {
    image::copy(from, to);
    augment::erase(to, box_of(box), value_);
  }

  std::string spelled(const Parameters& box) const override {
    return spelled_erase(box_of(box), value_);
  }

 private:
  double probability_ = 0.5;
  std::vector<double> scale_ = {0.02, 0.33}, ratio_ = {0.3, 3.3};
  ErasedValue value_ = {0};
};

ESPALIER_REGISTER(Op, RandomErasing, "random_erasing", "fills a box of random area and shape");

}  // namespace
}  // namespace espalier::augment
