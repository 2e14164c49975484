// Colours as people see them: CIE L*a*b* under D65, 2 degree observer, from sRGB (IEC 61966-2-1),
// with the constants of scikit-image's rgb2lab.
#pragma once

#include <ATen/core/Tensor.h>

#include <array>
#include <vector>

namespace espalier::pretext {

// [N, 3, H, W] sRGB in [0, 1] -> L in [0, 100], a, b. In the type of `rgb`.
at::Tensor rgb_to_lab(const at::Tensor& rgb);

// The plane of a and b in squares of kAbBin, of which those are classes that hold a colour of sRGB,
// in order of a, then b.
inline constexpr double kAbBin = 10;

// Their middles. Any thread may call it.
const std::vector<std::array<double, 2>>& ab_bins();

// [N, 2, H, W] a and b -> i64 [N, H, W]: the class, of a square without one the nearest.
at::Tensor quantised_ab(const at::Tensor& ab);

}  // namespace espalier::pretext
