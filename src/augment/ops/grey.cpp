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

  std::optional<Parameters> draw(Draw& draw, image::ViewShape in) const override {
    if (!draw.chance(probability_) || in.channels == 1) return std::nullopt;
    return Parameters{};
  }

  image::Image apply(const image::Image& image, const Parameters&) const override {
    return image::to_rgb(image::to_grey(image));
  }

 private:
  double probability_ = 1;
};

ESPALIER_REGISTER(Op, Grey, "grey", "takes the colours out, the channels stay");

}  // namespace
}  // namespace espalier::augment
