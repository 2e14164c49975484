#include "augment/box.h"

namespace espalier::augment {
namespace {

class Crop : public CutsBox {
 public:
  Fields fields() override {
    return {{"top", &top_, {.unit = "px", .help = "first row"}},
            {"left", &left_, {.unit = "px", .help = "first column"}},
            {"height", &height_, {.min = 1, .unit = "px", .help = "rows"}},
            {"width", &width_, {.min = 1, .unit = "px", .help = "columns"}}};
  }

  image::ViewShape output(image::ViewShape in) const override {
    return {in.channels, height_, width_};
  }

  bool draw(Draw&, image::ViewShape in, Parameters& box) const override {
    set_box({top_, left_, height_, width_}, in, box);
    return true;
  }

 private:
  int64_t top_ = 0, left_ = 0, height_ = 224, width_ = 224;
};

ESPALIER_REGISTER(Op, Crop, "crop", "a given box; what lies outside of the image is black");

}  // namespace
}  // namespace espalier::augment
