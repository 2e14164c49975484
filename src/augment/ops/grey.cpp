#include "augment/op.h"
#include "image/colour.h"

namespace espalier::augment {
namespace {

// The number of channels stays, as in torchvision's RandomGrayscale.
class Grey : public Op {
 public:
  Fields fields() override {
    return {{"p", &probability_, {.min = 0, .max = 1, .help = "probability"}}};
  }

  std::vector<int64_t> channels() const override { return {1, 3}; }

  bool draw(Draw& draw, image::ViewShape in, Parameters&) const override {
    return draw.chance(probability_) && in.channels == 3;
  }

  void apply(const image::Pixels& from, const Parameters&, image::Image& to) const override {
    image::take_colours_out(from, to);
  }

  std::string spelled(const Parameters&) const override { return "grey"; }

 private:
  double probability_ = 1;
};

ESPALIER_REGISTER(Op, Grey, "grey", "takes the colours out, the channels stay");

}  // namespace
}  // namespace espalier::augment
