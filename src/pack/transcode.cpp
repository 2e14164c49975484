#include "pack/transcode.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <utility>

#include "core/error.h"
#include "pack/traits.h"
#include "pack/turbojpeg.h"
#include "shards/flags.h"

namespace espalier::pack {
namespace {

using image::Codec;
using image::Image;

Image turned(const Image& from, int orientation) {
  const bool sideways = orientation >= 5;
  Image to(sideways ? from.width : from.height, sideways ? from.height : from.width, from.channels);
  const bool flips_rows =
      orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const bool flips_columns =
      orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  uint8_t* next = to.pixels.data();
  for (int64_t y = 0; y < to.height; ++y) {
    for (int64_t x = 0; x < to.width; ++x) {
      const int64_t row = sideways ? x : y, column = sideways ? y : x;
      const uint8_t* pixel = from.row(flips_rows ? from.height - 1 - row : row) +
                             (flips_columns ? from.width - 1 - column : column) * from.channels;
      next = std::copy_n(pixel, from.channels, next);
    }
  }
  return to;
}

Image reduced(const Image& from, const StorageRules& rules) {
  const int64_t longest = std::max(from.height, from.width);
  const auto side = [&](int64_t length) {
    return std::max<int64_t>(1, (length * rules.max_side + longest / 2) / longest);
  };
  Image to;
  image::resize(from, side(from.height), side(from.width), rules.filter, image::Passes::kPillow13,
                to);
  return to;
}

// Whether a rearranged JPEG shows `pixels`, to the rounding of chroma and of the DCT.
bool shows(std::span<const uint8_t> jpeg, const Image& pixels) {
  constexpr double kMeanDifference = 2;
  const Image shown = image::decode(jpeg).image;
  if (shown.height != pixels.height || shown.width != pixels.width ||
      shown.channels != pixels.channels) {
    return false;
  }
  double difference = 0;
  for (size_t i = 0; i < pixels.pixels.size(); ++i) {
    difference += std::abs(int{shown.pixels[i]} - int{pixels.pixels[i]});
  }
  return difference <= kMeanDifference * static_cast<double>(pixels.pixels.size());
}

// A progressive JPEG as baseline with the same pixels; empty when that fails.
std::vector<uint8_t> as_baseline(std::span<const uint8_t> jpeg, const Image& pixels,
                                 const StorageRules& rules) {
  std::vector<uint8_t> bytes = rearranged_jpeg(jpeg, 1, !rules.turn);
  if (bytes.empty() || image::decode(bytes, rules.limits).image != pixels) return {};
  return bytes;
}

uint32_t flags_of(const Traits& traits, bool extraneous_bytes) {
  return (extraneous_bytes ? shards::kExtraneousBytes : 0) | (traits.cmyk ? shards::kCmyk : 0) |
         (traits.sixteen_bits ? shards::kSixteenBits : 0) | (traits.alpha ? shards::kAlpha : 0);
}

// The encoded form of pixels that were turned and not resized.
void encode_turned(std::span<const uint8_t> source, int orientation, Transcoded& result) {
  if (result.codec == Codec::kJpeg) {
    result.bytes = rearranged_jpeg(source, orientation, false);
    if (!result.bytes.empty() && shows(result.bytes, result.pixels)) return;
  }
  result.bytes = image::encode_png(result.pixels);
  result.codec = Codec::kPng;
  result.flags &= ~shards::kBaseline;
}

}  // namespace

std::span<const uint8_t> bytes_of(const Content& content) {
  if (const auto* image = std::get_if<Image>(&content)) return image->pixels;
  return std::get<std::vector<uint8_t>>(content);
}

Transcoded transcode(const Content& content, const StorageRules& rules) {
  Transcoded result;
  const std::span<const uint8_t> source = bytes_of(content);
  Traits traits;
  if (const auto* pixels = std::get_if<Image>(&content)) {
    result.pixels = *pixels;
  } else {
    check(!source.empty(), Kind::kData, "the file is empty");
    image::Decoded decoded = image::decode(source, rules.limits, rules.background);
    traits = traits_of(source);
    result.codec = *image::sniff(source);
    result.flags =
        flags_of(traits, decoded.extraneous_bytes) | (decoded.composited ? shards::kComposited : 0);
    result.pixels = std::move(decoded.image);
  }
  const bool turns = traits.orientation != 1 && rules.turn;
  const bool resizes =
      rules.max_side > 0 && std::max(result.pixels.height, result.pixels.width) > rules.max_side;
  if (traits.progressive && rules.encoded && rules.baseline && !resizes) {
    result.bytes = as_baseline(source, result.pixels, rules);
    if (!result.bytes.empty()) result.flags |= shards::kBaseline;
  }
  if (traits.orientation != 1)
    result.flags |= turns ? shards::kTurned : shards::kOrientationIgnored;
  if (turns) result.pixels = turned(result.pixels, traits.orientation);
  if (turns && rules.encoded && !resizes) {
    const std::vector<uint8_t> baseline = std::move(result.bytes);
    encode_turned(baseline.empty() ? source : baseline, traits.orientation, result);
  } else if ((result.flags & shards::kComposited) != 0 && rules.encoded && !resizes) {
    result.bytes = image::encode_png(result.pixels);
  }
  if (resizes) {
    result.flags |= shards::kResized;
    result.pixels = reduced(result.pixels, rules);
    if (rules.encoded && result.codec != Codec::kRaw) {
      result.bytes = encode_jpeg(result.pixels, rules.quality);
      result.codec = Codec::kJpeg;
    }
  }
  return result;
}

}  // namespace espalier::pack
