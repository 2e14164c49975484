#include "augment/op.h"
#include "image/colour.h"

namespace espalier::augment {
namespace {

class Contrast : public Op {
 public:
  Fields fields() override {
    return {{"factor", &factor_, {.min = 0, .help = "0 = mean grey, 1 = as it is"}}};
  }

  std::vector<int64_t> channels() const override { return {1, 3}; }

  std::optional<Parameters> draw(Draw&, image::ViewShape) const override { return Parameters{}; }

  image::Image apply(const image::Image& image, const Parameters&) const override {
    image::Image result = image;
    image::adjust_contrast(result, factor_);
    return result;
  }

 private:
  double factor_ = 1;
};

ESPALIER_REGISTER(Op, Contrast, "contrast", "blends with the mean grey by a given factor");

}  // namespace
}  // namespace espalier::augment
