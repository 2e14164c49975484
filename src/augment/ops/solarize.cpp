#include "augment/op.h"
#include "image/tone.h"

namespace espalier::augment {
namespace {

class Solarize : public Op {
 public:
  Fields fields() override {
    return {{"threshold",
             &threshold_,
             {.min = 0, .max = 256, .help = "values from this on are inverted"}},
            {"p", &probability_, {.min = 0, .max = 1, .help = "probability"}}};
  }

  bool draw(Draw& draw, image::ViewShape, Parameters&) const override {
    return draw.chance(probability_);
  }

  void apply(const image::Pixels& from, const Parameters&, image::Image& to) const override {
    image::solarize(from, static_cast<int>(threshold_), to);
  }

  std::string spelled(const Parameters&) const override {
    return fmt::format("solarize({})", threshold_);
  }

 private:
  int64_t threshold_ = 128;
  double probability_ = 1;
};

ESPALIER_REGISTER(Op, Solarize, "solarize", "inverts bright values");

}  // namespace
}  // namespace espalier::augment
