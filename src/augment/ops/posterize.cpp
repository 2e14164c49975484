#include "augment/op.h"
#include "image/tone.h"

namespace espalier::augment {
namespace {

class Posterize : public Op {
 public:
  Fields fields() override {
    return {{"bits", &bits_, {.min = 1, .max = 8, .help = "of each value that are kept"}},
            {"p", &probability_, {.min = 0, .max = 1, .help = "probability"}}};
  }

  bool draw(Draw& draw, image::ViewShape, Parameters&) const override {
    return draw.chance(probability_);
  }

  void apply(const image::Pixels& from, const Parameters&, image::Image& to) const override {
    image::posterize(from, static_cast<int>(bits_), to);
  }

  std::string spelled(const Parameters&) const override {
    return fmt::format("posterize({})", bits_);
  }

 private:
  int64_t bits_ = 4;
  double probability_ = 1;
};

ESPALIER_REGISTER(Op, Posterize, "posterize", "keeps the high bits of each value");

}  // namespace
}  // namespace espalier::augment
