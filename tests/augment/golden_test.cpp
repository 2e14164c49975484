// Pixels equal to Pillow's; see golden/make_augment.py for the cases and the formulas of the
// images.
#include <gtest/gtest.h>

#include <map>
#include <nlohmann/json.hpp>

#include "augment/pipeline.h"
#include "core/hash.h"
#include "core/jsonl.h"
#include "image/codec.h"
#include "image/support.h"

namespace espalier::augment {
namespace {

image::Image ramp(int64_t height, int64_t width, int64_t channels) {
  image::Image image(height, width, channels);
  uint8_t* to = image.pixels.data();
  for (int64_t y = 0; y < height; ++y) {
    for (int64_t x = 0; x < width; ++x) {
      for (int64_t c = 0; c < channels; ++c) {
        const int64_t t = (x * 4 + y * 3 + c * 60) % 510;
        *to++ = static_cast<uint8_t>(std::min(t, 510 - t));
      }
    }
  }
  return image;
}

image::Image colours(int64_t height, int64_t width, int64_t channels) {
  image::Image image(height, width, channels);
  for (size_t i = 0; i < image.pixels.size() / 3; ++i) {
    for (size_t c = 0; c < 3; ++c) {
      image.pixels[3 * i + c] = static_cast<uint8_t>(i >> (8 * (2 - c)));
    }
  }
  return image;
}

image::Image photo(int64_t, int64_t, int64_t) {
  return image::decode(image::fixture("photo.jpg")).image;
}

// Every case of the file whose ops hold `op`.
void expect_pillows_pixels(const std::string& op, const std::string& file = "augment.jsonl") {
  const std::map<std::string, decltype(&ramp)> images = {
      {"noise", image::noise}, {"ramp", ramp}, {"colours", colours}, {"photo", photo}};
  int cases = 0;
  for (const Json& row : read_jsonl(ESPALIER_TEST_DATA "/golden/" + file)) {
    if (row.contains("pillow")) continue;  // the versions
    const std::string ops = row["ops"];
    if (ops.find(op) == std::string::npos) continue;
    const auto shape = row["shape"].get<std::vector<int64_t>>();
    const image::Image input = images.at(row["image"])(shape[0], shape[1], shape[2]);
    const image::Image view = Pipeline::parse(ops, "golden").apply(input, {});
    EXPECT_EQ((std::vector{view.height, view.width}), row["size"].get<std::vector<int64_t>>());
    EXPECT_EQ(Sha256().update(view.pixels.data(), view.pixels.size()).hex(), row["sha256"]) << row;
    ++cases;
  }
  EXPECT_GT(cases, 0);
}

TEST(Golden, ResizeEqualsPillowInEveryFilter) { expect_pillows_pixels("resize("); }
TEST(Golden, CropEqualsPillowAlsoOutsideOfTheImage) { expect_pillows_pixels("crop("); }
TEST(Golden, RotateEqualsPillow) { expect_pillows_pixels("rotate("); }
TEST(Golden, FlipEqualsPillow) { expect_pillows_pixels("flip("); }
TEST(Golden, QuarterTurnsEqualNumpy) { expect_pillows_pixels("rotate90("); }
TEST(Golden, GreyEqualsPillow) { expect_pillows_pixels("grey("); }
TEST(Golden, BrightnessEqualsPillow) { expect_pillows_pixels("brightness("); }
TEST(Golden, ContrastEqualsPillow) { expect_pillows_pixels("contrast("); }
TEST(Golden, SaturationEqualsPillow) { expect_pillows_pixels("saturation("); }
TEST(Golden, HueOfEveryColourEqualsPillow) { expect_pillows_pixels("hue("); }
TEST(Golden, BlurEqualsPillow) { expect_pillows_pixels("blur("); }
TEST(Golden, SolarizeEqualsPillow) { expect_pillows_pixels("solarize("); }
TEST(Golden, PosterizeEqualsPillow) { expect_pillows_pixels("posterize("); }
TEST(Golden, EqualizeEqualsPillow) { expect_pillows_pixels("equalize("); }
TEST(Golden, AutocontrastEqualsPillow) { expect_pillows_pixels("autocontrast("); }
TEST(Golden, ResizeEqualsPillow12InItsOrderOfPasses) {
  expect_pillows_pixels("pillow12", "augment_pillow12.jsonl");
}

}  // namespace
}  // namespace espalier::augment
