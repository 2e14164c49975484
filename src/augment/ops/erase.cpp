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
    return {place_field("top", top_, "first row"), place_field("left", left_, "first column"),
            length_field("height", height_, "rows"), length_field("width", width_, "columns")};
  }

  int64_t top_ = 0, left_ = 0, height_ = 8, width_ = 8;
};

ESPALIER_REGISTER(Op, Erase, "erase", "fills a given box with one value");

}  // namespace
}  // namespace espalier::augment
