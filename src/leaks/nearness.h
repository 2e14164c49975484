// How near two images must be to be called copies of one another: derived from the data.
//
// Of a test image, usual(k) is the distance to its k-th nearest image in a draw of the other set.
// Where images lie in d dimensions around it, the number of others within a fraction r of that
// distance grows as r^d, so that among `images` of the other set
//
//   images / drawn * k * r^d
//
// are expected by chance; r is chosen so that over all test images this is `chance`. The dimension
// is that of the data: of uniform points, (usual(5) / usual(10))^d has the median 1/2. An image in a
// dense part of the data, where others look much alike, so has a small radius of its own.
#pragma once

#include <array>
#include <vector>

#include "image/image.h"

namespace espalier::leaks {

struct Nearness {
  double dimension = 0;              // 0 where the data do not say
  std::vector<float> usual, radius;  // distances of signatures, of each test image
};

// Squared distances to the nearest images of a draw, ascending.
inline constexpr size_t kNeighbours = 10;
using Nearest = std::array<float, kNeighbours>;

// Of test images, each with its nearest of `drawn` of the `images` of the other set. Every radius is
// 0 where fewer than twenty are drawn, or most of them are equal.
Nearness nearness(const std::vector<Nearest>& tests, int64_t drawn, int64_t images, double chance);

// Of the thumbnails `tests` in a set of `images`, of which `drawn` are known; signatures have
// `side`^2 numbers, and the mirrored one counts as well.
Nearness nearness(const std::vector<image::Image>& tests, const std::vector<image::Image>& drawn,
                  int64_t images, int64_t side, double chance, int64_t threads);

}  // namespace espalier::leaks
