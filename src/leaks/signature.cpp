#include "leaks/signature.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "image/colour.h"
#include "image/resample.h"

namespace espalier::leaks {
namespace {

constexpr int64_t kThumbnail = 32;
constexpr int64_t kMostMissing = 2;  // rows and columns of a crop

using image::Filter, image::Passes;

image::Image mean_of_channels(const image::Pixels& pixels) {
  image::Image grey(pixels.height, pixels.width, 1);
  for (int64_t y = 0; y < pixels.height; ++y)
    for (int64_t x = 0; x < pixels.width; ++x) {
      const uint8_t* pixel = pixels.row(y) + x * pixels.channels;
      int64_t sum = 0;
      for (int64_t c = 0; c < pixels.channels; ++c) sum += pixel[c];
      grey.row(y)[x] = static_cast<uint8_t>(sum / pixels.channels);
    }
  return grey;
}

// What is the same for every picture of a side.
struct Basis {
  struct Frequency {
    int64_t vertical, horizontal;
  };

  explicit Basis(int64_t side) : side(side), cosines(static_cast<size_t>(side * side)) {
    const auto length = static_cast<double>(side);
    for (int64_t u = 0; u < side; ++u)
      for (int64_t x = 0; x < side; ++x)
        cosines[static_cast<size_t>(u * side + x)] = static_cast<float>(
            std::sqrt((u == 0 ? 1 : 2) / length) *
            std::cos(std::numbers::pi * static_cast<double>((2 * x + 1) * u) / (2 * length)));
    for (int64_t v = 0; v < side; ++v)
      for (int64_t u = 0; u < side; ++u) order.push_back({v, u});
    std::ranges::stable_sort(order, {},
                             [](const Frequency& one) { return one.vertical + one.horizontal; });
  }

  int64_t side;
  std::vector<float> cosines;    // [frequency, place]
  std::vector<Frequency> order;  // of the numbers of a signature
};

const Basis& basis_of(int64_t side) {
  static const Basis small(8), large(16);
  return side == 8 ? small : large;
}

}  // namespace

image::Image thumbnail(const image::Pixels& image) {
  image::Image grey, small;
  if (image.channels == 3) image::to_grey(image, grey);
  if (image.channels != 1 && image.channels != 3) grey = mean_of_channels(image);
  image::resize(image.channels == 1 ? image : image::Pixels(grey), kThumbnail, kThumbnail,
                Filter::kBilinear, Passes::kPillow13, small);
  return small;
}

image::Box whole() { return {0, 0, kThumbnail, kThumbnail}; }

std::vector<image::Box> crops() {
  std::vector<image::Box> boxes;
  for (int64_t missing = 1; missing <= kMostMissing; ++missing)
    for (int64_t top = 0; top <= missing; ++top)
      for (int64_t left = 0; left <= missing; ++left)
        boxes.push_back({top, left, kThumbnail - missing, kThumbnail - missing});
  return boxes;
}

std::vector<float> signature(const image::Image& thumbnail, const image::Box& box, int64_t side) {
  const Basis& basis = basis_of(side);
  image::Image picture;
  image::resize(image::Pixels(thumbnail).part(box), side, side, Filter::kBilinear,
                Passes::kPillow13, picture);
  std::vector<float> rows(static_cast<size_t>(side * side));  // [y, horizontal frequency]
  for (int64_t y = 0; y < side; ++y)
    for (int64_t u = 0; u < side; ++u) {
      float sum = 0;
      for (int64_t x = 0; x < side; ++x)
        sum += basis.cosines[static_cast<size_t>(u * side + x)] * picture.row(y)[x];
      rows[static_cast<size_t>(y * side + u)] = sum;
    }
  std::vector<float> numbers;
  for (const auto& [v, u] : basis.order) {
    float sum = 0;
    for (int64_t y = 0; y < side; ++y)
      sum += basis.cosines[static_cast<size_t>(v * side + y)] *
             rows[static_cast<size_t>(y * side + u)];
    numbers.push_back(sum);
  }
  return numbers;
}

// A cosine of odd frequency changes its sign.
void mirror(std::span<float> signature) {
  const Basis& basis = basis_of(signature.size() == 64 ? 8 : 16);
  for (size_t i = 0; i < signature.size(); ++i)
    if (basis.order[i].horizontal % 2 == 1) signature[i] = -signature[i];
}

float squared_distance(std::span<const float> a, std::span<const float> b, float most) {
  constexpr size_t kAtOnce = 8;  // numbers between two looks at `most`
  float sum = 0;
  for (size_t i = 0; i < a.size() && sum <= most; i += kAtOnce) {
    float part[kAtOnce];
    for (size_t k = 0; k < kAtOnce; ++k) part[k] = (a[i + k] - b[i + k]) * (a[i + k] - b[i + k]);
    sum +=
        ((part[0] + part[4]) + (part[1] + part[5])) + ((part[2] + part[6]) + (part[3] + part[7]));
  }
  return sum;
}

}  // namespace espalier::leaks
