#include "image/colour.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "support.h"

namespace espalier::image {
namespace {

// Pillow's arithmetic, pixel by pixel.
uint8_t grey_of(const uint8_t* rgb) {
  return static_cast<uint8_t>((rgb[0] * 19595 + rgb[1] * 38470 + rgb[2] * 7471 + 0x8000) >> 16);
}

// `from` for a factor of 0, `to` for 1, clipped beyond.
uint8_t blend(int from, int to, float factor) {
  const float value = static_cast<float>(from) + factor * static_cast<float>(to - from);
  return static_cast<uint8_t>(std::clamp(value, 0.0f, 255.0f));
}

struct Hsv {
  uint8_t hue, saturation, value;
};

Hsv hsv_of(const uint8_t* rgb) {
  const int r = rgb[0], g = rgb[1], b = rgb[2];
  const int most = std::max({r, g, b}), least = std::min({r, g, b});
  if (most == least) return {0, 0, static_cast<uint8_t>(most)};
  const float range = static_cast<float>(most - least);
  const float red = static_cast<float>(most - r) / range;
  const float green = static_cast<float>(most - g) / range;
  const float blue = static_cast<float>(most - b) / range;
  const float sixths = r == most   ? blue - green
                       : g == most ? static_cast<float>(2.0 + red - blue)
                                   : static_cast<float>(4.0 + green - red);
  const double turns = sixths / 6.0 + 1.0;  // in [5/6, 11/6)
  const float hue = static_cast<float>(turns >= 1.0 ? turns - 1.0 : turns);
  const float saturation = range / static_cast<float>(most);
  return {static_cast<uint8_t>(hue * 255.0), static_cast<uint8_t>(saturation * 255.0),
          static_cast<uint8_t>(most)};
}

void write_rgb(const Hsv& hsv, uint8_t* rgb) {
  const auto write = [&](uint8_t r, uint8_t g, uint8_t b) { rgb[0] = r, rgb[1] = g, rgb[2] = b; };
  const uint8_t v = hsv.value;
  if (hsv.saturation == 0) return write(v, v, v);
  const double sixths = hsv.hue * 6.0 / 255.0;
  const int sector = static_cast<int>(sixths);  // 6 for a hue of 255: the same as 0
  const float rest = static_cast<float>(sixths - sector);
  const float saturation = static_cast<float>(hsv.saturation / 255.0);
  const auto scaled = [&](double share) { return static_cast<uint8_t>(v * share + 0.5); };
  const uint8_t least = scaled(1.0 - saturation);
  const uint8_t falling = scaled(1.0 - saturation * rest);
  const uint8_t rising = scaled(1.0 - saturation * (1.0 - rest));
  switch (sector % 6) {
    case 0:
      return write(v, rising, least);
    case 1:
      return write(falling, v, least);
    case 2:
      return write(least, v, rising);
    case 3:
      return write(least, falling, v);
    case 4:
      return write(rising, least, v);
    default:
      return write(v, least, falling);
  }
}

Image hue_shifted(const Image& image, uint8_t shift) {
  Image to = image;
  for (size_t i = 0; i < to.pixels.size(); i += 3) {
    Hsv hsv = hsv_of(&image.pixels[i]);
    hsv.hue = static_cast<uint8_t>(hsv.hue + shift);
    write_rgb(hsv, &to.pixels[i]);
  }
  return to;
}

// Every colour there is, once.
Image all_colours() {
  Image image(4096, 4096, 3);
  for (size_t i = 0; i < image.pixels.size() / 3; ++i) {
    for (size_t c = 0; c < 3; ++c) {
      image.pixels[3 * i + c] = static_cast<uint8_t>(i >> (8 * (2 - c)));
    }
  }
  return image;
}

// Images of one and of three channels alone.
template <typename Op, typename Twin>
void expect_equal_in_colour_and_grey(Op op, Twin twin) {
  expect_equal_to_twin_also_in_place(op, twin, {1, 3});
}

template <typename Change>
Image each_pixel(const Image& image, Change change) {
  Image to = image;
  for (size_t i = 0; i < image.pixels.size(); i += static_cast<size_t>(image.channels)) {
    change(&image.pixels[i], &to.pixels[i]);
  }
  return to;
}

TEST(Hue, OfEveryColourIsPillowsOnEveryTarget) {
  const Image colours = all_colours();
  const Image expected = hue_shifted(colours, 34);  // 0.137 of 255, truncated
  on_every_target([&](const std::string& target) {
    Image to;
    adjust_hue(colours, 0.137, to);
    EXPECT_TRUE(to == expected) << target;
  });
}

TEST(Hue, OfEveryColourIsPillowsForOtherShifts) {
  const Image colours = all_colours();
  for (const double turn : {0.0, -0.4}) {
    Image to;
    adjust_hue(colours, turn, to);
    EXPECT_TRUE(to == hue_shifted(colours, static_cast<uint8_t>(static_cast<int>(turn * 255))))
        << turn;
  }
}

TEST(Hue, EqualsItsTwinOnOddImages) {
  expect_equal_in_colour_and_grey(
      [](const Pixels& from, Image& to) { adjust_hue(from, -0.1, to); },
      [](const Image& image) {
        return image.channels == 1 ? image : hue_shifted(image, static_cast<uint8_t>(-25));
      });
}

TEST(LinearHue, KeepsEveryGrey) {
  Image grey(5, 70, 3), to;
  for (size_t i = 0; i < grey.pixels.size(); ++i) grey.pixels[i] = static_cast<uint8_t>(i / 3);
  for (int turn = -25; turn <= 25; ++turn) {
    adjust_hue_linear(grey, turn / 50.0, to);
    EXPECT_TRUE(to == grey) << turn;
  }
}

TEST(LinearHue, EqualsItselfOnEveryTarget) {
  const Image image = noise(31, 77, 3);
  Image expected;
  adjust_hue_linear(image, 0.2, expected);
  on_every_target([&](const std::string& target) {
    Image to;
    adjust_hue_linear(image, 0.2, to);
    EXPECT_TRUE(to == expected) << target;
  });
}

TEST(LinearHue, TurnsTheWayThatHsvTurns) {
  Image red(1, 1, 3), hsv, linear;
  red.pixels = {200, 60, 60};
  for (const double turn : {0.05, -0.05}) {
    adjust_hue(red, turn, hsv);
    adjust_hue_linear(red, turn, linear);
    EXPECT_EQ(turn > 0, hsv.pixels[1] > hsv.pixels[2]);
    EXPECT_EQ(turn > 0, linear.pixels[1] > linear.pixels[2]);
  }
}

TEST(LinearHue, NoTurnChangesNoChannelByMoreThanOne) {
  const Image image = noise(31, 77, 3);
  Image to;
  adjust_hue_linear(image, 0, to);
  for (size_t i = 0; i < to.pixels.size(); ++i) {
    EXPECT_LE(std::abs(to.pixels[i] - image.pixels[i]), 1);
  }
}

TEST(Grey, IsTheWeightedSumInEveryChannel) {
  expect_equal_in_colour_and_grey(take_colours_out, [](const Image& image) {
    return image.channels == 1 ? image : each_pixel(image, [](const uint8_t* from, uint8_t* to) {
      std::fill_n(to, 3, grey_of(from));
    });
  });
}

TEST(Grey, InOneChannelIsThatOfEveryChannel) {
  const Image image = noise(13, 17, 3);
  Image one, every, again;
  to_grey(Pixels(image).part({2, 3, 9, 11}), one);
  take_colours_out(Pixels(image).part({2, 3, 9, 11}), every);
  ASSERT_EQ(one.channels, 1);
  ASSERT_EQ(every.pixels.size(), 3 * one.pixels.size());
  for (size_t i = 0; i < every.pixels.size(); ++i) EXPECT_EQ(every.pixels[i], one.pixels[i / 3]);
  to_grey(one, again);
  EXPECT_EQ(again, one);
}

TEST(Saturation, BlendsWithTheGreyTwin) {
  for (const float factor : {0.0f, 0.7f, 1.0f, 1.9f, 40.0f}) {
    expect_equal_in_colour_and_grey(
        [&](const Pixels& from, Image& to) { adjust_saturation(from, factor, to); },
        [&](const Image& image) {
          return image.channels == 1 ? image
                                     : each_pixel(image, [&](const uint8_t* from, uint8_t* to) {
                                         for (int c = 0; c < 3; ++c)
                                           to[c] = blend(grey_of(from), from[c], factor);
                                       });
        });
  }
}

TEST(Brightness, BlendsWithBlack) {
  for (const float factor : {0.0f, 0.3f, 1.0f, 1.4f, 300.0f}) {
    expect_equal_in_colour_and_grey(
        [&](const Pixels& from, Image& to) { adjust_brightness(from, factor, to); },
        [&](Image image) {
          for (uint8_t& value : image.pixels) value = blend(0, value, factor);
          return image;
        });
  }
}

TEST(Contrast, BlendsWithTheMeanGrey) {
  for (const float factor : {0.0f, 0.6f, 1.0f, 1.7f}) {
    expect_equal_in_colour_and_grey(
        [&](const Pixels& from, Image& to) { adjust_contrast(from, factor, to); },
        [&](Image image) {
          double sum = 0;
          for (size_t i = 0; i < image.pixels.size(); i += image.channels) {
            sum += image.channels == 1 ? image.pixels[i] : grey_of(&image.pixels[i]);
          }
          const int mean = static_cast<int>(sum / double(image.height * image.width) + 0.5);
          for (uint8_t& value : image.pixels) value = blend(mean, value, factor);
          return image;
        });
  }
}

}  // namespace
}  // namespace espalier::image
