// How ops turn the hue: through 8-bit HSV, with Pillow's bits, or by one matrix in YIQ, which is
// faster and gives slightly different colours.
#pragma once

#include <string>

#include "core/options.h"
#include "image/image.h"

namespace espalier::augment {

enum class HueBy { kHsv, kYiq };
constexpr auto names_of(HueBy) {
  using enum HueBy;
  return names<HueBy>({{kHsv, "hsv"}, {kYiq, "yiq"}});
}

Field hue_field(HueBy& by);
void adjust_hue(HueBy by, const image::Pixels& from, double turn, image::Image& to);
// "hue(0.1)" or "hue(0.1, yiq)"
std::string spelled_hue(HueBy by, double turn);

}  // namespace espalier::augment
