#include "augment/op.h"
#include "image/colour.h"

namespace espalier::augment {
namespace {

class ToRgb : public Op {
 public:
  std::vector<int64_t> channels() const override { return {1, 3}; }

  image::ViewShape output(image::ViewShape in) const override { return {3, in.height, in.width}; }

  bool draw(Draw&, image::ViewShape in, Parameters&) const override { return in.channels == 1; }

  void apply(const image::Pixels& from, const Parameters&, image::Image& to) const override {
    image::to_rgb(from, to);
  }

  std::string spelled(const Parameters&) const override { return "to_rgb"; }
};

ESPALIER_REGISTER(Op, ToRgb, "to_rgb",
                  "makes three channels of a grey one; leaves colour images unchanged");

}  // namespace
}  // namespace espalier::augment
