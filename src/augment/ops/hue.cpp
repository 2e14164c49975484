#include "augment/op.h"
#include "image/colour.h"

namespace espalier::augment {
namespace {

class Hue : public Op {
 public:
  Fields fields() override {
    return {{"turn", &turn_, {.min = -0.5, .max = 0.5, .help = "share of the full circle"}}};
  }

  std::vector<int64_t> channels() const override { return {1, 3}; }

  std::optional<Parameters> draw(Draw&, image::ViewShape) const override { return Parameters{}; }

  image::Image apply(const image::Image& image, const Parameters&) const override {
    image::Image result = image;
    image::adjust_hue(result, turn_);
    return result;
  }

 private:
  double turn_ = 0;
};

ESPALIER_REGISTER(Op, Hue, "hue", "turns the hue by a given share of the circle");

}  // namespace
}  // namespace espalier::augment
