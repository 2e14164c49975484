// torchvision's Resize(size) with one number: the shorter side becomes `size`, the longer one keeps
// the ratio and is rounded down.
#include <algorithm>

#include "augment/fields.h"
#include "augment/op.h"
#include "augment/resizing.h"

namespace espalier::augment {
namespace {

class ResizeShorter : public Op {
 public:
  Fields fields() override {
    return resizing_.after({length_field("size", size_, "length of the shorter side")});
  }

  image::ViewShape output(image::ViewShape in) const override {
    if (in.height == 0 || in.width == 0) return {in.channels, 0, 0};
    const auto scaled = [&](int64_t side) { return size_ * side / std::min(in.height, in.width); };
    return {in.channels, scaled(in.height), scaled(in.width)};
  }

  bool draw(Draw&, image::ViewShape in, Parameters& size) const override {
    const image::ViewShape out = output(in);
    size = {static_cast<double>(out.height), static_cast<double>(out.width)};
    return true;
  }

  image::ViewShape resized(image::ViewShape in, const Parameters&) const override {
    return output(in);
  }

  void apply(const image::Pixels& from, const Parameters& size, image::Image& to) const override {
    resizing_.resize(from, static_cast<int64_t>(size[0]), static_cast<int64_t>(size[1]), to);
  }

  std::string spelled(const Parameters& size) const override {
    return resizing_.spelled(static_cast<int64_t>(size[0]), static_cast<int64_t>(size[1]));
  }

 private:
  int64_t size_ = 256;
  Resizing resizing_;
};

ESPALIER_REGISTER(Op, ResizeShorter, "resize_shorter",
                  "resizes so that the shorter side has a given length");

}  // namespace
}  // namespace espalier::augment
