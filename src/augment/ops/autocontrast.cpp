#include "augment/op.h"
#include "image/tone.h"

namespace espalier::augment {
namespace {

class Autocontrast : public Op {
 public:
  Fields fields() override {
    return {{"p", &probability_, {.min = 0, .max = 1, .help = "probability"}}};
  }

  bool draw(Draw& draw, image::ViewShape, Parameters&) const override {
    return draw.chance(probability_);
  }

  void apply(const image::Pixels& from, const Parameters&, image::Image& to) const override {
    image::autocontrast(from, to);
  }

  std::string spelled(const Parameters&) const override { return "autocontrast"; }

 private:
  double probability_ = 1;
};

ESPALIER_REGISTER(Op, Autocontrast, "autocontrast",
                  "stretches each channel to 0 and 255, as Pillow's ImageOps.autocontrast");

}  // namespace
}  // namespace espalier::augment
