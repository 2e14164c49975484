// A box of random area and shape, resized to a square: torchvision's RandomResizedCrop. Area and
// the logarithm of the aspect ratio are uniform; after ten boxes that do not fit, the largest
// centred one of a legal ratio is taken.
#include <algorithm>
#include <cmath>

#include "augment/op.h"
#include "image/resample.h"

namespace espalier::augment {
namespace {

constexpr int kTries = 10;

// To the nearest integer, halves to the even one, as Python's round().
int64_t rounded(double value) { return static_cast<int64_t>(std::nearbyint(value)); }

class RandomResizedCrop : public Op {
 public:
  Fields fields() override {
    return {{"size", &size_, {.min = 1, .unit = "px", .help = "side of the square"}},
            {"scale", &scale_, {.min = 0, .max = 1, .help = "least and most share of the area"}},
            {"ratio", &ratio_, {.min = 1e-3, .help = "least and most width / height"}},
            {"filter", &filter_name_, {.choices = image::filter_names(), .help = "how to resize"}}};
  }

  void validate() const override {
    for (const auto* range : {&scale_, &ratio_}) {
      check(range->size() == 2 && (*range)[0] <= (*range)[1], Kind::kUsage,
            "random_resized_crop.{} must be two numbers, the least and the most",
            range == &scale_ ? "scale" : "ratio");
    }
  }

  image::ViewShape output(image::ViewShape in) const override {
    return {in.channels, size_, size_};
  }

  std::optional<Parameters> draw(Draw& draw, image::ViewShape in) const override {
    const double area = static_cast<double>(in.height * in.width);
    for (int i = 0; i < kTries; ++i) {
      const double target = area * draw.uniform(scale_[0], scale_[1]);
      const double ratio = std::exp(draw.uniform(std::log(ratio_[0]), std::log(ratio_[1])));
      const int64_t width = rounded(std::sqrt(target * ratio));
      const int64_t height = rounded(std::sqrt(target / ratio));
      if (width < 1 || width > in.width || height < 1 || height > in.height) continue;
      const int64_t top = draw.below(in.height - height + 1);
      const int64_t left = draw.below(in.width - width + 1);
      return parameters({top, left, height, width});
    }
    return parameters(centred(in));
  }

  image::Image apply(const image::Image& image, const Parameters& box) const override {
    return image::resized_crop(image,
                               {static_cast<int64_t>(box[0]), static_cast<int64_t>(box[1]),
                                static_cast<int64_t>(box[2]), static_cast<int64_t>(box[3])},
                               size_, size_, image::filter_named(filter_name_));
  }

 private:
  static Parameters parameters(const image::Box& box) {
    return {static_cast<double>(box.top), static_cast<double>(box.left),
            static_cast<double>(box.height), static_cast<double>(box.width)};
  }

  image::Box centred(image::ViewShape in) const {
    const double ratio = static_cast<double>(in.width) / static_cast<double>(in.height);
    int64_t height = in.height, width = in.width;
    if (ratio < ratio_[0]) height = rounded(static_cast<double>(width) / ratio_[0]);
    if (ratio > ratio_[1]) width = rounded(static_cast<double>(height) * ratio_[1]);
    height = std::max<int64_t>(height, 1);
    width = std::max<int64_t>(width, 1);
    return {(in.height - height) / 2, (in.width - width) / 2, height, width};
  }

  int64_t size_ = 224;
  std::vector<double> scale_ = {0.08, 1.0};
  std::vector<double> ratio_ = {3.0 / 4.0, 4.0 / 3.0};
  std::string filter_name_ = "bicubic";
};

ESPALIER_REGISTER(Op, RandomResizedCrop, "random_resized_crop",
                  "a box of random area and shape, resized to a square");

}  // namespace
}  // namespace espalier::augment
