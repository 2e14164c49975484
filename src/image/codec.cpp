#include "image/codec.h"

#include <algorithm>
#include <array>

#include "core/error.h"
#include "image/foreign.h"
#include "image/jpeg.h"
#include "image/png.h"

namespace espalier::image {
namespace {

constexpr std::array<uint8_t, 3> kJpegStart = {0xFF, 0xD8, 0xFF};
constexpr std::array<uint8_t, 8> kPngStart = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'};

template <size_t N>
bool starts_with(std::span<const uint8_t> bytes, const std::array<uint8_t, N>& start) {
  return bytes.size() >= N && std::equal(start.begin(), start.end(), bytes.begin());
}

Codec sniff_or_throw(std::span<const uint8_t> bytes) {
  const std::optional<Codec> codec = sniff(bytes);
  if (codec.has_value()) return *codec;
  const std::string_view kind = foreign_kind(bytes).name;
  throw Error(Kind::kData, "{}, neither JPEG nor PNG",
              kind.empty() ? fmt::format("{} unknown bytes", bytes.size()) : kind);
}

}  // namespace

std::optional<Codec> sniff(std::span<const uint8_t> bytes) {
  if (starts_with(bytes, kJpegStart)) return Codec::kJpeg;
  if (starts_with(bytes, kPngStart)) return Codec::kPng;
  return std::nullopt;
}

Header read_header(std::span<const uint8_t> bytes, const DecodeLimits& limits) {
  return sniff_or_throw(bytes) == Codec::kJpeg ? jpeg::read_header(bytes, limits)
                                               : png::read_header(bytes, limits);
}

Decoded decode(std::span<const uint8_t> bytes, const DecodeLimits& limits,
               const Background& background) {
  if (sniff_or_throw(bytes) == Codec::kJpeg) return jpeg::decode(bytes, limits);
  Decoded decoded;
  decoded.composited = png::decode(bytes, limits, background, decoded.image).composited;
  return decoded;
}

}  // namespace espalier::image
