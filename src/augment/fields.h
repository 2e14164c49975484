// Options that several ops and recipes have. Every number has a largest value, far beyond use, so
// that it is safe to compute with.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/options.h"

namespace espalier::augment {

inline constexpr double kMaxPixels = 1'000'000;  // along a side

// A height, a width or the side of a square, at least 1 px.
Field length_field(const std::string& name, int64_t& length, const std::string& help);
// A row or a column; may lie outside of the image.
Field place_field(const std::string& name, int64_t& place, const std::string& help);
Field factor_field(const std::string& name, double& factor, const std::string& help);
// "scale" and "ratio" of a box: each a least and a most.
Field area_field(std::vector<double>& scale);
Field ratio_field(std::vector<double>& ratio, const std::string& of_what);
// "p"
Field probability_field(double& probability);

// Throws kUsage unless `range` is the least and the most of a uniform draw; `name` as in
// "blur.sigma".
void check_range(const std::string& name, const std::vector<double>& range);
// The same of a range that may also be one number.
void check_number_or_range(const std::string& name, const std::vector<double>& range);

}  // namespace espalier::augment
