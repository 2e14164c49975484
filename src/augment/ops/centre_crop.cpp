#include <cmath>

#include "augment/box.h"
#include "augment/fields.h"

namespace espalier::augment {
namespace {

// torchvision's CenterCrop: halves round to even; what lies outside of the image is black.
int64_t start(int64_t side, int64_t size) {
  if (size > side) return -((size - side) / 2);
  return static_cast<int64_t>(std::nearbyint(static_cast<double>(side - size) / 2));
}

class CentreCrop : public CutsBox {
 public:
  Fields fields() override { return {length_field("size", size_, "side of the square")}; }

  image::ViewShape output(image::ViewShape in) const override {
    return {in.channels, size_, size_};
  }

  bool draw(Draw&, image::ViewShape in, Parameters& box) const override {
    set_box({start(in.height, size_), start(in.width, size_), size_, size_}, in, box);
    return true;
  }

 private:
  int64_t size_ = 224;
};

ESPALIER_REGISTER(Op, CentreCrop, "centre_crop", "cuts out the square in the middle");

}  // namespace
}  // namespace espalier::augment
