#include "augment/erases.h"
#include "augment/fields.h"

namespace espalier::augment {
namespace {

class Erase : public Erases {
 public:
  bool draw(Draw&, image::ViewShape, Parameters& boxes) const override {
    add({top_, left_, height_, width_}, boxes);
    return true;
  }

 private:
  Fields options() override {
    return {place_field("top", top_, "first row of the box"),
            place_field("left", left_, "first column of the box"),
            length_field("height", height_, "height of the box"),
            length_field("width", width_, "width of the box")};
  }

  int64_t top_ = 0, left_ = 0, height_ = 8, width_ = 8;
};

ESPALIER_REGISTER(Op, Erase, "erase", "fills a given box with one value");

}  // namespace
}  // namespace espalier::augment
