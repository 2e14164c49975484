#include "image/rotate.h"
#include "augment/fields.h"
#include "augment/op.h"
#include "core/error.h"

namespace espalier::augment {
namespace {

class Rotate : public Op {
 public:
  Fields fields() override {
    return {
        {"degrees",
         &degrees_,
         {.min = -36000,
          .max = 36000,
          .unit = "degrees",
          .help = "angle, counter-clockwise: one number, or the smallest and largest of a "
                  "uniform draw"}},
        {"interpolation", &interpolation_, {.help = "how values between pixels are interpolated"}},
        probability_field(probability_)};
  }

  void validate() const override { check_number_or_range("rotate.degrees", degrees_); }

  bool draw(Draw& draw, image::ViewShape, Parameters& degrees) const override {
    if (!draw.chance(probability_)) return false;
    degrees.push_back(draw.uniform(degrees_.front(), degrees_.back()));
    return true;
  }

  void apply(const image::Pixels& from, const Parameters& degrees,
             image::Image& to) const override {
    image::rotate(from, degrees[0], interpolation_, to);
  }

  std::string spelled(const Parameters& degrees) const override {
    return fmt::format("rotate({}, {})", degrees[0], interpolation_);
  }

 private:
  std::vector<double> degrees_ = {-15, 15};
  image::Interpolation interpolation_ = image::Interpolation::kNearest;
  double probability_ = 1;
};

ESPALIER_REGISTER(Op, Rotate, "rotate",
                  "rotates the image about its middle; the corners become black");

}  // namespace
}  // namespace espalier::augment
