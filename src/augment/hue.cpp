#include "augment/hue.h"

#include "core/error.h"
#include "image/colour.h"

namespace espalier::augment {

Field hue_field(std::string& by) {
  return {
      "hue_by",
      &by,
      {.choices = {kHueByHsv, "yiq"},
       .help = "colour space in which the hue turns; hsv: Pillow's bits; yiq: faster, other bits"}};
}

void adjust_hue(const std::string& by, const image::Pixels& from, double turn, image::Image& to) {
  if (by == kHueByHsv) {
    image::adjust_hue(from, turn, to);
  } else {
    image::adjust_hue_linear(from, turn, to);
  }
}

std::string spelled_hue(const std::string& by, double turn) {
  return by == kHueByHsv ? fmt::format("hue({})", turn) : fmt::format("hue({}, {})", turn, by);
}

}  // namespace espalier::augment
