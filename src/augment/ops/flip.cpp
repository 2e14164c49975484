#include "augment/op.h"
#include "image/geometry.h"

namespace espalier::augment {
namespace {

class Flip : public Op {
 public:
  Fields fields() override {
    return {{"p", &probability_, {.min = 0, .max = 1, .help = "probability"}}};
  }

  bool draw(Draw& draw, image::ViewShape, Parameters&) const override {
    return draw.chance(probability_);
  }

  void apply(const image::Pixels& from, const Parameters&, image::Image& to) const override {
    image::flip(from, to);
  }

  std::string spelled(const Parameters&) const override { return "flip"; }

 private:
  double probability_ = 1;
};

ESPALIER_REGISTER(Op, Flip, "flip", "mirrors left and right");

}  // namespace
}  // namespace espalier::augment
