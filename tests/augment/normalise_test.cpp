#include "augment/normalise.h"

#include <gtest/gtest.h>

#include <vector>

#include "core/error.h"

namespace espalier::augment {
namespace {

TEST(Normalise, EqualsTorchvisionInEveryBit) {
  // numpy: ((np.float32([0, 1, 128, 255]) / np.float32(255)) - np.float32(mean)) / np.float32(std)
  image::Image image(2, 2, 3);
  image.pixels = {0, 0, 0, 1, 1, 1, 128, 128, 128, 255, 255, 255};
  const std::vector<double> mean = {0.485, 0.456, 0.406}, std = {0.229, 0.224, 0.225};
  std::vector<float> chw(12);
  normalise(image, mean, std, chw.data());
  EXPECT_EQ(chw, (std::vector<float>{
                     -0x1.0f177a0000000p+1f, -0x1.0ce6560000000p+1f, 0x1.2f5e640000000p-4f,
                     0x1.1fdc3a0000000p+1f, -0x1.0492480000000p+1f, -0x1.02549e0000000p+1f,
                     0x1.a436900000000p-3f, 0x1.36db6e0000000p+1f, -0x1.cdf0120000000p+0f,
                     -0x1.c979d40000000p+0f, 0x1.b4ba780000000p-2f, 0x1.51eb860000000p+1f}));
}

TEST(Normalise, OneNumberServesEveryChannel) {
  image::Image image(1, 1, 3);
  image.pixels = {0, 51, 255};
  std::vector<float> chw(3);
  normalise(image, std::vector{0.0}, std::vector{0.5}, chw.data());
  EXPECT_EQ(chw, (std::vector<float>{0, 0.4f, 2}));
}

TEST(Normalise, RefusesNumbersThatDoNotFit) {
  const image::Image image(1, 1, 3);
  std::vector<float> chw(3);
  EXPECT_THROW(normalise(image, std::vector{0.0, 0.0}, std::vector{1.0}, chw.data()), Error);
  EXPECT_THROW(normalise(image, std::vector{0.0}, std::vector{0.0}, chw.data()), Error);
}

}  // namespace
}  // namespace espalier::augment
