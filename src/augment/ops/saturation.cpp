#include "augment/op.h"
#include "image/colour.h"

namespace espalier::augment {
namespace {

class Saturation : public Op {
 public:
  Fields fields() override {
    return {{"factor", &factor_, {.min = 0, .help = "0 = grey, 1 = as it is"}}};
  }

  std::vector<int64_t> channels() const override { return {1, 3}; }

  std::optional<Parameters> draw(Draw&, image::ViewShape) const override { return Parameters{}; }

  image::Image apply(const image::Image& image, const Parameters&) const override {
    image::Image result = image;
    image::adjust_saturation(result, factor_);
    return result;
  }

 private:
  double factor_ = 1;
};

ESPALIER_REGISTER(Op, Saturation, "saturation", "blends with the grey image by a given factor");

}  // namespace
}  // namespace espalier::augment
