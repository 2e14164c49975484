#include "augment/fields.h"
#include "augment/op.h"
#include "augment/resizing.h"

namespace espalier::augment {
namespace {

class Resize : public Op {
 public:
  Fields fields() override {
    return resizing_.after({length_field("height", height_, "height of the result"),
                            length_field("width", width_, "width of the result")});
  }

  image::ViewShape output(image::ViewShape in) const override {
    return {in.channels, height_, width_};
  }

  bool draw(Draw&, image::ViewShape, Parameters&) const override { return true; }

  image::ViewShape resized(image::ViewShape in, const Parameters&) const override {
    return output(in);
  }

  void apply(const image::Pixels& from, const Parameters&, image::Image& to) const override {
    resizing_.resize(from, height_, width_, to);
  }

  std::string spelled(const Parameters&) const override {
    return resizing_.spelled(height_, width_);
  }

 private:
  int64_t height_ = 256, width_ = 256;
  Resizing resizing_;
};

ESPALIER_REGISTER(Op, Resize, "resize", "resizes to a given height and width, antialiased");

}  // namespace
}  // namespace espalier::augment
