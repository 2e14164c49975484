// How ops turn the hue: through 8-bit HSV, with Pillow's bits, or by one matrix in YIQ, which is
// faster and gives slightly different colours.
#pragma once

#include <string>

#include "core/options.h"
#include "image/image.h"

namespace espalier::augment {

inline constexpr const char* kHueByHsv = "hsv";

Field hue_field(std::string& by);
void adjust_hue(const std::string& by, const image::Pixels& from, double turn, image::Image& to);
// "hue(0.1)" or "hue(0.1, yiq)"
std::string spelled_hue(const std::string& by, double turn);

}  // namespace espalier::augment
