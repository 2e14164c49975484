#include "augment/op.h"
#include "image/colour.h"

namespace espalier::augment {
namespace {

class Contrast : public Op {
 public:
  Fields fields() override {
    return {{"factor", &factor_, {.min = 0, .help = "0 = the mean grey, 1 = as it is"}}};
  }

  std::vector<int64_t> channels() const override { return {1, 3}; }

  bool draw(Draw&, image::ViewShape, Parameters& factor) const override {
    factor.push_back(factor_);
    return true;
  }

  void apply(const image::Pixels& from, const Parameters& factor, image::Image& to) const override {
    image::adjust_contrast(from, factor[0], to);
  }

  std::string spelled(const Parameters& factor) const override {
    return fmt::format("contrast({})", factor[0]);
  }

 private:
  double factor_ = 1;
};

ESPALIER_REGISTER(Op, Contrast, "contrast", "blends with the mean grey by a given factor");

}  // namespace
}  // namespace espalier::augment
