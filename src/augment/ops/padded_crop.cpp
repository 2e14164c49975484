// A square cut at a random place of the image with a black border, torchvision's RandomCrop(size,
// padding).
#include "augment/op.h"
#include "image/geometry.h"

namespace espalier::augment {
namespace {

class PaddedCrop : public Op {
 public:
  Fields fields() override {
    return {{"size", &size_, {.min = 1, .unit = "px", .help = "side of the square"}},
            {"padding", &padding_, {.min = 0, .unit = "px", .help = "black border on every side"}}};
  }

  image::ViewShape output(image::ViewShape in) const override {
    check_fits(in.height);
    check_fits(in.width);
    return {in.channels, size_, size_};
  }

  std::optional<Parameters> draw(Draw& draw, image::ViewShape in) const override {
    check_fits(in.height);
    check_fits(in.width);
    const int64_t top = draw.below(in.height + 2 * padding_ - size_ + 1) - padding_;
    const int64_t left = draw.below(in.width + 2 * padding_ - size_ + 1) - padding_;
    return Parameters{static_cast<double>(top), static_cast<double>(left)};
  }

  image::Image apply(const image::Image& image, const Parameters& at) const override {
    return image::crop(image,
                       {static_cast<int64_t>(at[0]), static_cast<int64_t>(at[1]), size_, size_});
  }

 private:
  void check_fits(int64_t side) const {
    check(side == 0 || size_ <= side + 2 * padding_, Kind::kUsage,
          "padded_crop cannot cut {} px out of {} px with a border of {} (try: a larger padding)",
          size_, side, padding_);
  }

  int64_t size_ = 32;
  int64_t padding_ = 4;
};

ESPALIER_REGISTER(Op, PaddedCrop, "padded_crop", "a square at a random place, with a black border");

}  // namespace
}  // namespace espalier::augment
