// What the tests of images and of augmentations share: images to work on, and a way to run every
// instruction set that this machine has.
#pragma once

#include <gtest/gtest.h>
#include <hwy/targets.h>

#include <algorithm>
#include <string>
#include <vector>

#include "core/files.h"
#include "image/geometry.h"
#include "image/image.h"

namespace espalier::image {

// The same formula as in golden/make_augment.py.
inline Image noise(int64_t height, int64_t width, int64_t channels) {
  Image image(height, width, channels);
  for (size_t i = 0; i < image.pixels.size(); ++i) {
    uint32_t x = static_cast<uint32_t>(i) * 2654435761u;
    x ^= x >> 15;
    x *= 2246822519u;
    x ^= x >> 13;
    image.pixels[i] = static_cast<uint8_t>(x >> 24);
  }
  return image;
}

inline Image cropped(const Pixels& from, const Box& box) {
  Image to;
  crop(from, box, to);
  return to;
}

// A file of golden/images.
inline std::vector<uint8_t> fixture(const std::string& name) {
  const std::string text = read_file(ESPALIER_TEST_DATA "/golden/images/" + name);
  return {text.begin(), text.end()};
}

// Shapes that are no multiple of anything, and the thinnest there are.
inline std::vector<Image> odd_images(const std::vector<int64_t>& channel_counts = {1, 3, 4}) {
  std::vector<Image> images;
  for (const auto& [height, width] :
       {std::pair{97, 131}, {1, 1}, {1, 77}, {77, 1}, {2, 3}, {15, 17}, {16, 16}, {33, 5}}) {
    for (const int64_t channels : channel_counts) images.push_back(noise(height, width, channels));
  }
  return images;
}

// Calls `check(name)` once with each of Highway's targets in use, portable code included.
template <typename Check>
void on_every_target(Check check) {
  for (const int64_t target : {HWY_EMU128, HWY_SSE4, HWY_AVX2, HWY_AVX3}) {
    hwy::SetSupportedTargetsForTest(0);
    if (target != HWY_EMU128 && (hwy::SupportedTargets() & target) == 0) continue;
    hwy::SetSupportedTargetsForTest(target);
    check(std::string(hwy::TargetName(target)));
  }
  hwy::SetSupportedTargetsForTest(0);
}

// The pixels of `image` as a part of a wider one, so that its rows are no longer one after another.
class Wider {
 public:
  explicit Wider(const Image& image)
      : box_{1, 2, image.height, image.width},
        around_(noise(image.height + 2, image.width + 5, image.channels)) {
    for (int64_t y = 0; y < image.height; ++y) {
      std::copy_n(image.row(y), image.width * image.channels,
                  around_.row(y + 1) + 2 * image.channels);
    }
  }
  Pixels pixels() const { return Pixels(around_).part(box_); }

 private:
  Box box_;
  Image around_;
};

// `op(pixels, to)` gives `twin(image)` for every odd image on every target.
template <typename Op, typename Twin>
void expect_equal_to_twin(Op op, Twin twin,
                          const std::vector<int64_t>& channel_counts = {1, 3, 4}) {
  for (const Image& image : odd_images(channel_counts)) {
    const Image expected = twin(image);
    on_every_target([&](const std::string& target) {
      Image result;
      op(Wider(image).pixels(), result);
      EXPECT_TRUE(result == expected)
          << image.height << " x " << image.width << " x " << image.channels << " on " << target;
    });
  }
}

// Also where `to` is the image whose pixels are given.
template <typename Op, typename Twin>
void expect_equal_to_twin_also_in_place(Op op, Twin twin,
                                        const std::vector<int64_t>& channel_counts = {1, 3, 4}) {
  expect_equal_to_twin(op, twin, channel_counts);
  expect_equal_to_twin(
      [&](const Pixels& from, Image& to) {
        copy(from, to);
        op(to, to);
      },
      twin, channel_counts);
}

}  // namespace espalier::image
