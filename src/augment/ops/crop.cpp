#include "augment/box.h"
#include "augment/fields.h"

namespace espalier::augment {
namespace {

class Crop : public CutsBox {
 public:
  Fields fields() override {
    return {place_field("top", top_, "first row of the box"),
            place_field("left", left_, "first column of the box"),
            length_field("height", height_, "height of the box"),
            length_field("width", width_, "width of the box")};
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

ESPALIER_REGISTER(Op, Crop, "crop",
                  "cuts out a given box; what lies outside of the image is black");

}  // namespace
}  // namespace espalier::augment
