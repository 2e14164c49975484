#include "image/encoded.h"

#include <cstddef>
#include <cstdio>
// jpeglib.h needs size_t and FILE.
#include <gtest/gtest.h>
#include <jpeglib.h>

#include <cstdlib>
#include <random>

#include "core/error.h"
#include "support.h"

namespace espalier::image {
namespace {

using Bytes = std::vector<uint8_t>;

struct Sampling {
  int h, v;            // of brightness (and of black)
  int h_rest, v_rest;  // of colour
};

struct JpegKind {
  Sampling sampling;
  bool progressive;
  unsigned restart_interval;
};

Bytes encoded_jpeg(const Image& image, const JpegKind& kind) {
  jpeg_compress_struct state;
  jpeg_error_mgr errors;
  state.err = jpeg_std_error(&errors);
  jpeg_create_compress(&state);
  unsigned char* memory = nullptr;
  unsigned long count = 0;
  jpeg_mem_dest(&state, &memory, &count);
  state.image_height = static_cast<JDIMENSION>(image.height);
  state.image_width = static_cast<JDIMENSION>(image.width);
  state.input_components = static_cast<int>(image.channels);
  state.in_color_space = image.channels == 1   ? JCS_GRAYSCALE
                         : image.channels == 3 ? JCS_RGB
                                               : JCS_CMYK;
  jpeg_set_defaults(&state);
  for (int64_t c = 0; c < image.channels && image.channels > 1; ++c) {
    const bool bright = c == 0 || c == 3;
    state.comp_info[c].h_samp_factor = bright ? kind.sampling.h : kind.sampling.h_rest;
    state.comp_info[c].v_samp_factor = bright ? kind.sampling.v : kind.sampling.v_rest;
  }
  if (kind.progressive) jpeg_simple_progression(&state);
  state.restart_interval = kind.restart_interval;
  jpeg_start_compress(&state, TRUE);
  while (state.next_scanline < state.image_height) {
    JSAMPROW row = const_cast<uint8_t*>(image.row(state.next_scanline));
    jpeg_write_scanlines(&state, &row, 1);
  }
  jpeg_finish_compress(&state);
  const Bytes bytes(memory, memory + count);
  std::free(memory);
  jpeg_destroy_compress(&state);
  return bytes;
}

class Chance {
 public:
  int64_t between(int64_t low, int64_t high) {
    return low + static_cast<int64_t>(engine_() % static_cast<uint64_t>(high - low + 1));
  }
  Box box_in(int64_t height, int64_t width) {
    const int64_t h = between(1, height), w = between(1, width);
    return {between(0, height - h), between(0, width - w), h, w};
  }

 private:
  std::mt19937_64 engine_{7};
};

// 4:4:4, 4:2:2, 4:2:0, 4:4:0, 4:1:1, 4:1:0, and odd ones.
constexpr Sampling kSamplings[] = {{1, 1, 1, 1}, {2, 1, 1, 1}, {2, 2, 1, 1},
                                   {1, 2, 1, 1}, {4, 1, 1, 1}, {4, 2, 1, 1},
                                   {2, 2, 1, 2}, {1, 1, 1, 2}, {3, 1, 1, 1}};

Encoded random_jpeg(Chance& chance, Bytes& bytes) {
  const int64_t channels[] = {1, 3, 3, 3, 4};
  const bool thin = chance.between(0, 5) == 0;
  Image image = noise(chance.between(1, 150), chance.between(1, thin ? 9 : 260),
                      channels[chance.between(0, 4)]);
  for (size_t i = 0; i < image.pixels.size(); ++i) {
    image.pixels[i] = static_cast<uint8_t>(image.pixels[i] / 4 + i / 9 % 160);
  }
  const int64_t samplings = image.channels == 4 ? 4 : std::ssize(kSamplings);  // 10 blocks at most
  bytes =
      encoded_jpeg(image, {kSamplings[chance.between(0, samplings - 1)], chance.between(0, 3) == 0,
                           static_cast<unsigned>(std::max<int64_t>(0, chance.between(-5, 5)))});
  return {.codec = Codec::kJpeg,
          .shape = {image.channels == 1 ? 1 : 3, image.height, image.width},
          .bytes = bytes};
}

bool equal(const Pixels& a, const Pixels& b) {
  for (int64_t y = 0; y < a.height; ++y) {
    if (!std::equal(a.row(y), a.row(y) + a.width * a.channels, b.row(y))) return false;
  }
  return a.height == b.height && a.width == b.width && a.channels == b.channels;
}

TEST(Encoded, BoxOfAJpegEqualsThatOfTheWholeImage) {
  Chance chance;
  Bytes bytes;
  Image memory;
  for (int i = 0; i < 400; ++i) {
    const Encoded encoded = random_jpeg(chance, bytes);
    const Image whole = decode(bytes).image;
    for (int j = 0; j < 8; ++j) {
      const Box box = chance.box_in(whole.height, whole.width);
      ASSERT_TRUE(equal(encoded.decode(box, memory), Pixels(whole).part(box)))
          << "image " << i << " of " << whole.height << " x " << whole.width << ": " << box.height
          << " x " << box.width << " at " << box.top << ", " << box.left;
    }
  }
}

TEST(Encoded, BoxOfAScaledJpegEqualsThatOfTheWholeScaledImage) {
  Chance chance;
  Bytes bytes;
  Image memory, memory_of_whole;
  for (int i = 0; i < 300; ++i) {
    const Encoded encoded = random_jpeg(chance, bytes);
    const int shrink = 1 << chance.between(0, 3);
    const Box whole = {0, 0, (encoded.shape.height + shrink - 1) / shrink,
                       (encoded.shape.width + shrink - 1) / shrink};
    const Pixels scaled = encoded.decode_scaled(shrink, whole, memory_of_whole);
    for (int j = 0; j < 4; ++j) {
      const Box box = chance.box_in(whole.height, whole.width);
      ASSERT_TRUE(equal(encoded.decode_scaled(shrink, box, memory), scaled.part(box)))
          << "image " << i << " / " << shrink;
    }
  }
}

TEST(Encoded, OnlyWhatIsNeededIsDecoded) {
  const Image image = noise(160, 640, 3);
  const Bytes bytes = encoded_jpeg(image, {kSamplings[2], false, 0});
  const Encoded encoded = {.codec = Codec::kJpeg, .shape = {3, 160, 640}, .bytes = bytes};
  Image memory;
  encoded.decode({40, 320, 20, 30}, memory);
  EXPECT_EQ(memory.height, 20);
  EXPECT_LE(memory.width, 96);
}

TEST(Encoded, DamageAboveTheEndOfTheBoxIsAnErrorAndMemoryIsFitForTheNext) {
  const Image image = noise(160, 64, 3);
  const Bytes bytes = encoded_jpeg(image, {kSamplings[2], false, 0});
  const Bytes half(bytes.begin(), bytes.begin() + std::ssize(bytes) / 2);
  const Encoded whole = {.codec = Codec::kJpeg, .shape = {3, 160, 64}, .bytes = bytes};
  Encoded damaged = whole;
  damaged.bytes = half;
  Image memory;
  EXPECT_THROW(damaged.decode({100, 0, 20, 20}, memory), Error);
  EXPECT_THROW(damaged.decode({0, 0, 160, 20}, memory), Error);
  const Box box = {3, 5, 20, 20};
  EXPECT_TRUE(equal(whole.decode(box, memory), Pixels(decode(bytes).image).part(box)));
}

TEST(Encoded, RawPixelsAreUsedWhereTheyLie) {
  const Image image = noise(9, 8, 3);
  const Encoded encoded = {.shape = {3, 9, 8}, .bytes = image.pixels};
  Image memory;
  const Pixels pixels = encoded.decode({2, 1, 3, 4}, memory);
  EXPECT_EQ(pixels.data, image.row(2) + 3);
  Encoded shorter = encoded;
  shorter.bytes = shorter.bytes.first(200);
  EXPECT_THROW(shorter.decode(encoded.whole(), memory), Error);
}

TEST(Encoded, ShapeOtherThanTheIndexSaysIsAnError) {
  const Image image = noise(20, 30, 3);
  Image memory;
  for (const Bytes& bytes : {encoded_jpeg(image, {kSamplings[0], false, 0}), encode_png(image)}) {
    const Codec codec = *sniff(bytes);
    Encoded encoded = {.codec = codec, .shape = {3, 20, 30}, .bytes = bytes};
    EXPECT_EQ(encoded.decode({3, 4, 5, 6}, memory).height, 5);
    encoded.shape = {3, 20, 29};
    EXPECT_THROW(encoded.decode({3, 4, 5, 6}, memory), Error);
    encoded.shape = {3, 40, 30};
    EXPECT_THROW(encoded.decode({30, 4, 5, 6}, memory), Error);
  }
}

}  // namespace
}  // namespace espalier::image
