#include "image/draw.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace espalier::image {
namespace {

Image white(int64_t height, int64_t width) {
  Image image(height, width, 3);
  std::fill(image.pixels.begin(), image.pixels.end(), 255);
  return image;
}

Image with_text(int64_t top, int64_t left, const std::string& text) {
  Image image = white(13, 42);
  draw_text(image, top, left, text);
  return image;
}

TEST(DrawText, LetterIsTheFontsPattern) {
  const Image image = with_text(0, 0, "L");
  std::string pattern;
  for (int64_t y = 0; y < 13; ++y) {
    for (int64_t x = 0; x < 7; ++x) pattern += image.row(y)[3 * x] == 0 ? '#' : '.';
  }
  const std::string column = "#......";
  EXPECT_EQ(pattern, std::string(14, '.') + column + column + column + column + column + column +
                         column + column + "######." + std::string(14, '.'));
}

TEST(DrawText, WhatDoesNotFitIsCutOff) {
  EXPECT_EQ(with_text(0, 35, "Ab"), with_text(0, 35, "A"));
  EXPECT_EQ(with_text(0, -7, "Ab"), with_text(0, 0, "b"));
  EXPECT_EQ(with_text(20, 0, "A"), white(13, 42));
  EXPECT_EQ(with_text(-20, -90, "A"), white(13, 42));
}

TEST(DrawText, CharacterOutsideOfAsciiIsOneQuestionMark) {
  EXPECT_EQ(with_text(0, 0, "caf\xc3\xa9s\n"), with_text(0, 0, "caf?s?"));
}

TEST(ContactSheet, SmallImageIsEnlargedByAWholeFactorAboveItsCaption) {
  Image image(32, 32, 1);
  for (size_t i = 0; i < image.pixels.size(); ++i) image.pixels[i] = static_cast<uint8_t>(i);
  const Image sheet = contact_sheet({image}, {"cat"}, 1);
  for (int64_t y = 0; y < 96; ++y) {
    for (int64_t x = 0; x < 96; ++x) {
      ASSERT_EQ(sheet.row(12 + y)[3 * (12 + x)], image.row(y / 3)[x / 3]);
    }
  }
  Image expected = white(13, 96);
  draw_text(expected, 0, (96 - 21) / 2, "cat");
  for (int64_t y = 0; y < 13; ++y) {
    EXPECT_TRUE(
        std::equal(expected.row(y), expected.row(y) + 96 * 3, sheet.row(12 + 96 + 4 + y) + 12 * 3));
  }
}

TEST(ContactSheet, TakesImagesOfAnyShape) {
  const std::vector<Image> images = {Image(1, 1, 1), Image(2000, 3, 3), Image(100, 500, 3)};
  const Image sheet =
      contact_sheet(images, {"", std::string(300, 'x'), "a caption too wide for its place"}, 2);
  EXPECT_EQ(sheet.width, 12 + 2 * (192 + 12));
  EXPECT_EQ(sheet.height, 12 + 2 * (192 + 4 + 13 + 12));
}

}  // namespace
}  // namespace espalier::image
