// Brightness, contrast, saturation and hue by random amounts in a random order: torchvision's
// ColorJitter inside RandomApply(p). An amount of 0 leaves its change out, which for hue also
// spares the rounding of HSV.
#include <algorithm>
#include <array>

#include "augment/fields.h"
#include "augment/hue.h"
#include "augment/op.h"
#include "image/colour.h"

namespace espalier::augment {
namespace {

constexpr std::array kNames = {"brightness", "contrast", "saturation"};
constexpr std::array kChanges = {image::adjust_brightness, image::adjust_contrast,
                                 image::adjust_saturation};
constexpr size_t kHue = 3;

class ColourJitter : public Op {
 public:
  Fields fields() override {
    return {
        factor_field("brightness", brightness_,
                     "strength b: the factor is drawn from 1 - b to 1 + b"),
        factor_field("contrast", contrast_, "strength c: the factor is drawn from 1 - c to 1 + c"),
        factor_field("saturation", saturation_,
                     "strength s: the factor is drawn from 1 - s to 1 + s"),
        {"hue",
         &hue_,
         {.min = 0,
          .max = 0.5,
          .help = "strength h: the turn is drawn from -h to h; 1 is the full circle"}},
        probability_field(probability_),
        hue_field(hue_by_)};
  }

  std::vector<int64_t> channels() const override { return {1, 3}; }

  // Pairs of a change (0 to 3) and its factor, in the order of application.
  bool draw(Draw& draw, image::ViewShape, Parameters& steps) const override {
    if (!draw.chance(probability_)) return false;
    std::array<int64_t, 4> order = {0, 1, 2, 3};
    draw.shuffle(order);
    const double amounts[] = {brightness_, contrast_, saturation_, hue_};
    double factors[4];
    for (int change = 0; change < 3; ++change) {
      factors[change] = draw.uniform(std::max(0.0, 1 - amounts[change]), 1 + amounts[change]);
    }
    factors[3] = draw.uniform(-hue_, hue_);
    for (const int64_t change : order) {
      if (amounts[change] == 0) continue;
      steps.push_back(static_cast<double>(change));
      steps.push_back(factors[change]);
    }
    return !steps.empty();
  }

  void apply(const image::Pixels& from, const Parameters& steps, image::Image& to) const override {
    for (size_t i = 0; i < steps.size(); i += 2) {
      const image::Pixels now = i == 0 ? from : image::Pixels(to);
      const auto change = static_cast<size_t>(steps[i]);
      if (change == kHue) {
        adjust_hue(hue_by_, now, steps[i + 1], to);
      } else {
        kChanges[change](now, steps[i + 1], to);
      }
    }
  }

  std::string spelled(const Parameters& steps) const override {
    std::string text;
    for (size_t i = 0; i < steps.size(); i += 2) {
      const auto change = static_cast<size_t>(steps[i]);
      text += (i == 0 ? "" : " | ") + (change == kHue
                                           ? spelled_hue(hue_by_, steps[i + 1])
                                           : fmt::format("{}({})", kNames[change], steps[i + 1]));
    }
    return text;
  }

 private:
  double brightness_ = 0.4, contrast_ = 0.4, saturation_ = 0.4, hue_ = 0.1;
  double probability_ = 1;
  HueBy hue_by_ = HueBy::kHsv;
};

ESPALIER_REGISTER(
    Op, ColourJitter, "colour_jitter",
    "changes brightness, contrast, saturation and hue by random amounts, in random order");

}  // namespace
}  // namespace espalier::augment
