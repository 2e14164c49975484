#include "augment/hue.h"
#include "augment/op.h"

namespace espalier::augment {
namespace {

class Hue : public Op {
 public:
  Fields fields() override {
    return {
        {"turn",
         &turn_,
         {.min = -0.5, .max = 0.5, .help = "how far the hue turns, as a share of the full circle"}},
        hue_field(by_)};
  }

  std::vector<int64_t> channels() const override { return {1, 3}; }

  bool draw(Draw&, image::ViewShape, Parameters& turn) const override {
    turn.push_back(turn_);
    return true;
  }

  void apply(const image::Pixels& from, const Parameters& turn, image::Image& to) const override {
    adjust_hue(by_, from, turn[0], to);
  }

  std::string spelled(const Parameters& turn) const override { return spelled_hue(by_, turn[0]); }

 private:
  double turn_ = 0;
  HueBy by_ = HueBy::kHsv;
};

ESPALIER_REGISTER(Op, Hue, "hue", "turns the hue by a given share of the circle");

}  // namespace
}  // namespace espalier::augment
