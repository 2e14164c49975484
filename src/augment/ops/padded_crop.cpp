// A square cut at a random place of the image with a black border, torchvision's RandomCrop(size,
// padding).
#include "augment/box.h"
#include "augment/fields.h"
#include "core/error.h"

namespace espalier::augment {
namespace {

class PaddedCrop : public CutsBox {
 public:
  Fields fields() override {
    return {length_field("size", size_, "side of the square"),
            {"padding",
             &padding_,
             {.min = 0,
              .max = kMaxPixels,
              .unit = "px",
              .help = "width of the black border on every side"}}};
  }

  image::ViewShape output(image::ViewShape in) const override {
    for (const int64_t side : {in.height, in.width}) {
      check(side == 0 || size_ <= side + 2 * padding_, Kind::kUsage,
            "padded_crop cannot cut {} px out of {} px with a border of {} (try: a larger padding)",
            size_, side, padding_);
    }
    return {in.channels, size_, size_};
  }

  bool draw(Draw& draw, image::ViewShape in, Parameters& box) const override {
    output(in);  // refuses images that are too small
    const int64_t top = draw.below(in.height + 2 * padding_ - size_ + 1) - padding_;
    const int64_t left = draw.below(in.width + 2 * padding_ - size_ + 1) - padding_;
    set_box({top, left, size_, size_}, in, box);
    return true;
  }

 private:
  int64_t size_ = 32;
  int64_t padding_ = 4;
};

ESPALIER_REGISTER(Op, PaddedCrop, "padded_crop",
                  "cuts out a square at a random place, after a black border is added");

}  // namespace
}  // namespace espalier::augment
