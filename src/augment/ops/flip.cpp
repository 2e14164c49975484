#include "augment/op.h"
#include "image/geometry.h"

namespace espalier::augment {
namespace {

class Flip : public Op {
 public:
  Fields fields() override {
    return {{"p", &probability_, {.min = 0, .max = 1, .help = "probability"}}};
  }

  std::optional<Parameters> draw(Draw& draw, image::ViewShape) const override {
    if (!draw.chance(probability_)) return std::nullopt;
    return Parameters{};
  }

  image::Image apply(const image::Image& image, const Parameters&) const override {
    return image::flip(image);
  }

 private:
  double probability_ = 1;
};

ESPALIER_REGISTER(Op, Flip, "flip", "mirrors left and right");

}  // namespace
}  // namespace espalier::augment
