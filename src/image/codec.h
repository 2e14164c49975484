// Encoded bytes -> pixels, equal to what Pillow 13 gives for the same file.
//
//   const Decoded decoded = decode(bytes);          // decoded.image: [H, W, 1] or [H, W, 3]
//
// JPEG (libjpeg-turbo):
//  - accurate integer DCT, fancy upsampling;
//  - grey stays one channel; CMYK and YCCK become RGB by Pillow's rule (Adobe's inverted inks);
//  - the EXIF orientation is not applied, as in Pillow's open().
//
// PNG (libpng):
//  - as Pillow's convert("RGB"), or convert("L") for grey images; a palette becomes RGB;
//  - 1, 2 and 4 bits are scaled to 8, 16 bits keep the high byte;
//  - gamma and colour profiles are ignored;
//  - where there is alpha, or a transparent colour (tRNS), the pixels are composited over a
//    background as by Pillow's Image.alpha_composite: hidden colours do not show. Grey over a
//    background of another colour becomes RGB where a pixel is not opaque.
//
// Differences from Pillow:
//  - 16-bit grey keeps its high byte, where Pillow clips at 255;
//  - a transparent grey of 2, 4 or 16 bits, or colour of 16 bits, is that of the PNG specification,
//    where Pillow compares it with pixels of another scale and finds none.
//
// Damage is Error(kData) without a file name, which the caller knows. A file that ends before its
// end marker is damaged, as is one whose entropy-coded data are inconsistent. Bytes that belong to
// nothing before a JPEG marker do not change the pixels: they are flagged. Bytes after the end
// marker are ignored. All functions are pure and may run on any thread.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "image/image.h"

namespace espalier::image {

// Stored in shards: the values are fixed.
enum class Codec : uint8_t { kRaw = 0, kJpeg = 1, kPng = 2 };

struct Header {
  Codec codec = Codec::kRaw;
  int64_t height = 0, width = 0, channels = 0;  // as decoded: 1 or 3 channels
};

// Checked before any pixel is allocated, so that a small file cannot ask for all the memory or time
// there is.
struct DecodeLimits {
  int64_t max_pixels = 100'000'000;
  int max_scans = 500;  // of a progressive JPEG
};

using Background = std::array<uint8_t, 3>;  // RGB
inline constexpr Background kWhite = {255, 255, 255};

struct Decoded {
  Image image;
  bool extraneous_bytes = false;
  bool composited = false;  // at least one pixel was not opaque
};

// The codec, by the first bytes; empty when they are neither JPEG nor PNG.
[[nodiscard]] std::optional<Codec> sniff(std::span<const uint8_t> bytes);

Header read_header(std::span<const uint8_t> bytes, const DecodeLimits& limits = {});

Decoded decode(std::span<const uint8_t> bytes, const DecodeLimits& limits = {},
               const Background& background = kWhite);

// 8-bit grey or RGB.
std::vector<uint8_t> encode_png(const Image& image);

}  // namespace espalier::image
