// The kernels of rotate.
#pragma once

#include "image/image.h"

namespace espalier::image {

// From a place in the result to one in the image: (a x + b y + c, d x + e y + f).
struct Affine {
  double a, b, c, d, e, f;
};

// Each pixel of `to` from the pixel of `from` at its place, from 2 x 2 or from 4 x 4 pixels around
// it. Pixels whose place lies outside are left as they are. `to` has its shape.
void fill_nearest(const Pixels& from, const Affine& place, Image& to);
void fill_bilinear(const Pixels& from, const Affine& place, Image& to);
void fill_bicubic(const Pixels& from, const Affine& place, Image& to);

}  // namespace espalier::image
