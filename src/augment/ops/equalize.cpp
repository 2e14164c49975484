#include "augment/op.h"
#include "image/tone.h"

namespace espalier::augment {
namespace {

class Equalize : public Op {
 public:
  Fields fields() override {
    return {{"p", &probability_, {.min = 0, .max = 1, .help = "probability"}}};
  }

  bool draw(Draw& draw, image::ViewShape, Parameters&) const override {
    return draw.chance(probability_);
  }

  void apply(const image::Pixels& from, const Parameters&, image::Image& to) const override {
    image::equalize(from, to);
  }

  std::string spelled(const Parameters&) const override { return "equalize"; }

 private:
  double probability_ = 1;
};

ESPALIER_REGISTER(Op, Equalize, "equalize",
                  "spreads the values of each channel evenly, as Pillow's ImageOps.equalize");

}  // namespace
}  // namespace espalier::augment
