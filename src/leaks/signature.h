// A small grey picture of an image, and how far two such pictures are apart.
//
//   const image::Image small = thumbnail(image);
//   const std::vector<float> a = signature(small, whole(), 16);
//
// A signature holds the coefficients of the orthonormal DCT-II of the picture, low frequencies
// first, so that the Euclidean distance of two is that of their pictures, and most of it lies in
// the first few numbers. Divided by the side it is the root mean square difference in grey levels.
#pragma once

#include <span>
#include <vector>

#include "image/image.h"

namespace espalier::leaks {

// 32 x 32 grey of an image of any size and any number of channels; of more than three, or of two,
// their mean.
image::Image thumbnail(const image::Pixels& image);

// Boxes of a thumbnail: all of it, and every box that lacks one or two of its 32 rows and columns.
image::Box whole();
std::vector<image::Box> crops();

// `side`^2 numbers of the pixels in `box`; the first is the mean, times the side.
std::vector<float> signature(const image::Image& thumbnail, const image::Box& box, int64_t side);

// Makes of a signature that of the mirrored picture.
void mirror(std::span<float> signature);

// The squared distance of two signatures of one length; where it is above `most`, any number above.
float squared_distance(std::span<const float> a, std::span<const float> b, float most);

}  // namespace espalier::leaks
