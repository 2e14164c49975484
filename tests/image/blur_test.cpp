#include "image/blur.h"

#include <gtest/gtest.h>

#include <cmath>

#include "core/error.h"
#include "image/geometry.h"
#include "support.h"

namespace espalier::image {
namespace {

constexpr double kSigmas[] = {0.1, 0.7, 1.3, 2.0, 9.0, 40.0};

Image blurred(const Pixels& from, double sigma) {
  Image to;
  gaussian_blur(from, sigma, to);
  return to;
}

Image transposed(const Image& from) {
  Image turned, to;
  rotate90(from, 1, turned);
  to.reshape(turned.height, turned.width, turned.channels);
  for (int64_t y = 0; y < to.height; ++y) {
    std::copy_n(turned.row(to.height - 1 - y), to.width * to.channels, to.row(y));
  }
  return to;
}

// One pass along the rows, by the definition: 24-bit weights of the whole pixels and of the two
// that are touched.
Image boxed(const Image& from, float radius) {
  const int64_t whole = static_cast<int64_t>(radius);
  const uint32_t weight = static_cast<uint32_t>(static_cast<float>(1 << 24) / (radius * 2 + 1));
  const uint32_t edge = ((1u << 24) - static_cast<uint32_t>(2 * whole + 1) * weight) / 2;
  Image to = from;
  for (int64_t y = 0; y < from.height; ++y) {
    for (int64_t x = 0; x < from.width; ++x) {
      for (int64_t c = 0; c < from.channels; ++c) {
        uint32_t sum = 1u << 23;
        for (int64_t at = x - whole - 1; at <= x + whole + 1; ++at) {
          const uint32_t value =
              from.row(y)[std::clamp<int64_t>(at, 0, from.width - 1) * from.channels + c];
          sum += value * (std::abs(at - x) <= whole ? weight : edge);
        }
        to.row(y)[x * from.channels + c] = static_cast<uint8_t>(sum >> 24);
      }
    }
  }
  return to;
}

// The radius whose box, applied three times, has the variance of the Gaussian: Gwosdek et al.,
// equations 7, 11 and 14.
float radius_of(float sigma) {
  const float variance = sigma * sigma / 3;
  const float length = static_cast<float>(std::sqrt(12.0 * variance + 1.0));
  const float l = static_cast<float>(std::floor((length - 1.0) / 2.0));
  const float a = (2 * l + 1) * (l * (l + 1) - 3 * variance);
  return l + a / (6 * (variance - (l + 1) * (l + 1)));
}

TEST(GaussianBlur, IsThreeBoxesAlongRowsThenColumnsOnEveryTarget) {
  for (const double sigma : kSigmas) {
    const float radius = radius_of(static_cast<float>(sigma));
    const auto twin = [&](const Image& image) {
      Image along = boxed(boxed(boxed(image, radius), radius), radius);
      along = transposed(along);
      return transposed(boxed(boxed(boxed(along, radius), radius), radius));
    };
    expect_equal_to_twin([&](const Pixels& from, Image& to) { gaussian_blur(from, sigma, to); },
                         twin);
  }
}

TEST(GaussianBlur, SigmaOfZeroChangesNothing) {
  const Image image = noise(9, 7, 3);
  EXPECT_EQ(blurred(image, 0), image);
}

TEST(GaussianBlur, ConstantImageStaysConstant) {
  Image image(31, 18, 3);
  std::ranges::fill(image.pixels, 255);
  for (const double sigma : kSigmas) EXPECT_EQ(blurred(image, sigma), image);
}

int64_t mirrored(int64_t at, int64_t length) {
  if (at < 0) at = -at;
  return at < length ? at : 2 * (length - 1) - at;
}

// Every pixel as a sum over the square of the kernel, in double.
double exact(const Image& image, int64_t kernel, double sigma, int64_t y, int64_t x, int64_t c) {
  double sum = 0, weights = 0;
  for (int64_t v = -kernel / 2; v <= kernel / 2; ++v) {
    for (int64_t u = -kernel / 2; u <= kernel / 2; ++u) {
      const double weight = std::exp(-0.5 * static_cast<double>(u * u + v * v) / (sigma * sigma));
      sum += weight * image.row(mirrored(
                          y + v, image.height))[mirrored(x + u, image.width) * image.channels + c];
      weights += weight;
    }
  }
  return sum / weights;
}

double worst_difference(int64_t kernel, double sigma) {
  const Image image = noise(29, 41, 3);
  double worst = 0;
  on_every_target([&](const std::string&) {
    Image to;
    gaussian_kernel_blur(Wider(image).pixels(), kernel, sigma, to);
    for (int64_t i = 0; i < 29 * 41 * 3; ++i) {
      const double expected = exact(image, kernel, sigma, i / 3 / 41, i / 3 % 41, i % 3);
      worst = std::max(worst, std::abs(to.pixels[i] - expected));
    }
  });
  return worst;
}

TEST(GaussianKernelBlur, RoundsExactArithmeticToTheNearest) {
  EXPECT_LT(worst_difference(5, 0.4), 0.5001);
  EXPECT_LT(worst_difference(9, 2.0), 0.5001);
  EXPECT_LT(worst_difference(23, 1.5), 0.5001);
}

TEST(GaussianKernelBlur, RefusesAKernelThatCannotBeMirrored) {
  Image to;
  EXPECT_THROW(gaussian_kernel_blur(noise(5, 40, 3), 11, 1.0, to), Error);
  EXPECT_NO_THROW(gaussian_kernel_blur(noise(6, 40, 3), 11, 1.0, to));
  EXPECT_THROW(gaussian_kernel_blur(noise(40, 40, 3), 4, 1.0, to), Error);
}

}  // namespace
}  // namespace espalier::image
