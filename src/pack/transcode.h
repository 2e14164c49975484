// What a shard stores of an image: the rules that turn a file of the source into stored bytes.
//
// Pixels are what image/codec.h decodes, over the background where they are not opaque, turned
// upright by the EXIF orientation (as Pillow's exif_transpose), then reduced to max_side. Encoded
// bytes are the file's own, except
//  - resized: a JPEG of the reduced pixels;
//  - composited over the background: a PNG of the pixels;
//  - turned: the JPEG with its coefficients rearranged (lossless; pixels equal to rounding) where
//    its size allows, else the turned pixels as PNG;
//  - progressive JPEG: the same coefficients as baseline, proved equal by decoding both.
// Pure; any thread.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "image/codec.h"
#include "image/resample.h"
#include "pack/format.h"

namespace espalier::pack {

struct StorageRules {
  image::DecodeLimits limits = {};
  image::Background background = image::kWhite;
  bool turn = true;      // apply the EXIF orientation
  bool baseline = true;  // progressive JPEG -> baseline
  int64_t max_side = 0;  // 0 = as it is
  image::Filter filter = image::Filter::kLanczos;
  int quality = 95;
  bool encoded = true;  // whether the encoded form is wanted; pixels always are
};

struct Transcoded {
  image::Image pixels;
  image::Codec codec = image::Codec::kRaw;  // of the encoded form; kRaw: pixels are all there is
  std::vector<uint8_t> bytes;               // encoded; empty: the content's own
  uint32_t flags = 0;
};

std::span<const uint8_t> bytes_of(const Content& content);

// kData, without a name, when the content cannot be decoded.
Transcoded transcode(const Content& content, const StorageRules& rules);

}  // namespace espalier::pack
