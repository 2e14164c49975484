#include "augment/hue.h"

#include "core/error.h"
#include "image/colour.h"

namespace espalier::augment {

Field hue_field(HueBy& by) {
  return {
      "hue_by",
      &by,
      {.help = "colour space in which the hue turns; hsv: Pillow's bits; yiq: faster, other bits"}};
}

void adjust_hue(HueBy by, const image::Pixels& from, double turn, image::Image& to) {
  if (by == HueBy::kHsv) {
    image::adjust_hue(from, turn, to);
  } else {
    image::adjust_hue_linear(from, turn, to);
  }
}

std::string spelled_hue(HueBy by, double turn) {
  return by == HueBy::kHsv ? fmt::format("hue({})", turn) : fmt::format("hue({}, {})", turn, by);
}

}  // namespace espalier::augment
