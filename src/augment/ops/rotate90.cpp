#include "augment/op.h"
#include "core/error.h"
#include "image/geometry.h"

namespace espalier::augment {
namespace {

constexpr int64_t kDrawn = -1;

class Rotate90 : public Op {
 public:
  Fields fields() override {
    return {{"k",
             &turns_,
             {.min = kDrawn,
              .max = 3,
              .help = "quarter turns counter-clockwise; -1 = drawn evenly from 0, 1, 2, 3"}}};
  }

  image::ViewShape output(image::ViewShape in) const override {
    check(turns_ != kDrawn || in.height == in.width, Kind::kUsage,
          "rotate90 of images of {} x {} px gives views of two shapes (try: centre_crop before it)",
          in.height, in.width);
    return turns_ % 2 == 1 ? image::ViewShape{in.channels, in.width, in.height} : in;
  }

  bool draw(Draw& draw, image::ViewShape, Parameters& turns) const override {
    turns.push_back(static_cast<double>(turns_ == kDrawn ? draw.below(4) : turns_));
    return turns[0] != 0;
  }

  void apply(const image::Pixels& from, const Parameters& turns, image::Image& to) const override {
    image::rotate90(from, static_cast<int64_t>(turns[0]), to);
  }

  std::string spelled(const Parameters& turns) const override {
    return fmt::format("rotate90({})", turns[0]);
  }

 private:
  int64_t turns_ = kDrawn;
};

ESPALIER_REGISTER(Op, Rotate90, "rotate90", "rotates the image by quarter turns");

}  // namespace
}  // namespace espalier::augment
