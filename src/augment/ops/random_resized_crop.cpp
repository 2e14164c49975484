// A box of random area and shape, resized to a square: torchvision's RandomResizedCrop. Area and
// the logarithm of the aspect ratio are uniform; after ten boxes that do not fit, the largest
// centred one of a legal ratio is taken.
#include <algorithm>
#include <cmath>

#include "augment/box.h"
#include "augment/fields.h"
#include "augment/op.h"
#include "augment/resizing.h"

namespace espalier::augment {
namespace {

constexpr int kTries = 10;

// To the nearest integer, halves to the even one, as Python's round().
int64_t rounded(double value) { return static_cast<int64_t>(std::nearbyint(value)); }

class RandomResizedCrop : public Op {
 public:
  Fields fields() override {
    return resizing_.after({length_field("size", size_, "side of the square"), area_field(scale_),
                            ratio_field(ratio_, "width / height of the box")});
  }

  void validate() const override {
    check_range("random_resized_crop.scale", scale_);
    check_range("random_resized_crop.ratio", ratio_);
  }

  image::ViewShape output(image::ViewShape in) const override {
    return {in.channels, size_, size_};
  }

  bool draw(Draw& draw, image::ViewShape in, Parameters& box) const override {
    set_box(draw_box(draw, in), in, box);
    return true;
  }

  image::Box region(image::ViewShape, const Parameters& box) const override { return box_of(box); }

  image::ViewShape resized(image::ViewShape in, const Parameters&) const override {
    return output(in);
  }

  void apply(const image::Pixels& from, const Parameters&, image::Image& to) const override {
    resizing_.resize(from, size_, size_, to);
  }

  std::string spelled(const Parameters& box) const override {
    return spelled_crop(box) + " | " + resizing_.spelled(size_, size_);
  }

 private:
  image::Box draw_box(Draw& draw, image::ViewShape in) const {
    const double area = static_cast<double>(in.height * in.width);
    for (int i = 0; i < kTries; ++i) {
      const double target = area * draw.uniform(scale_[0], scale_[1]);
      const double ratio = std::exp(draw.uniform(std::log(ratio_[0]), std::log(ratio_[1])));
      const int64_t width = rounded(std::sqrt(target * ratio));
      const int64_t height = rounded(std::sqrt(target / ratio));
      if (width < 1 || width > in.width || height < 1 || height > in.height) continue;
      const int64_t top = draw.below(in.height - height + 1);
      const int64_t left = draw.below(in.width - width + 1);
      return {top, left, height, width};
    }
    return centred(in);
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
  Resizing resizing_;
};

ESPALIER_REGISTER(Op, RandomResizedCrop, "random_resized_crop",
                  "cuts out a box of random area and shape, and resizes it to a square");

}  // namespace
}  // namespace espalier::augment
