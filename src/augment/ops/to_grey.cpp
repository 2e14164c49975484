#include "augment/op.h"
#include "image/colour.h"

namespace espalier::augment {
namespace {

// Pillow's convert("L").
class ToGrey : public Op {
 public:
  std::vector<int64_t> channels() const override { return {1, 3}; }

  image::ViewShape output(image::ViewShape in) const override { return {1, in.height, in.width}; }

  bool draw(Draw&, image::ViewShape in, Parameters&) const override { return in.channels == 3; }

  void apply(const image::Pixels& from, const Parameters&, image::Image& to) const override {
    image::to_grey(from, to);
  }

  std::string spelled(const Parameters&) const override { return "to_grey"; }
};

ESPALIER_REGISTER(Op, ToGrey, "to_grey",
                  "makes one channel, the grey of each pixel; leaves grey images unchanged");

}  // namespace
}  // namespace espalier::augment
