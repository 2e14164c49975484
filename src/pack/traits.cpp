#include "pack/traits.h"

#include <string_view>

#include "image/codec.h"

namespace espalier::pack {
namespace {

using Bytes = std::span<const uint8_t>;

constexpr std::string_view kExif("Exif\0\0", 6);

// Numbers of a fixed byte order in a file that may end anywhere.
class Cursor {
 public:
  Cursor(Bytes bytes, bool big_endian) : bytes_(bytes), big_endian_(big_endian) {}

  bool holds(size_t at, size_t count) const {
    return at <= bytes_.size() && count <= bytes_.size() - at;
  }
  uint32_t number(size_t at, size_t count) const {
    if (!holds(at, count)) return 0;
    uint32_t value = 0;
    for (size_t i = 0; i < count; ++i) {
      value = value << 8 | bytes_[at + (big_endian_ ? i : count - 1 - i)];
    }
    return value;
  }

 private:
  Bytes bytes_;
  bool big_endian_;
};

std::string_view text_of(Bytes bytes, size_t at, size_t count) {
  if (at > bytes.size() || count > bytes.size() - at) return {};
  return {reinterpret_cast<const char*>(bytes.data()) + at, count};
}

// Bytes of a TIFF integer, signed or not; 0 for other types.
size_t size_of_type(uint32_t type) {
  constexpr uint32_t kShort = 3, kLong = 4, kSignedShort = 8, kSignedLong = 9;
  if (type == kShort || type == kSignedShort) return 2;
  return type == kLong || type == kSignedLong ? 4 : 0;
}

// Of a TIFF header and what follows it; 1 where there is none. The first entry decides, of several
// values the first, as in Pillow.
int orientation_of(Bytes exif) {
  const Bytes tiff = exif.subspan(text_of(exif, 0, kExif.size()) == kExif ? kExif.size() : 0);
  const std::string_view order = text_of(tiff, 0, 2);
  const Cursor cursor(tiff, order == "MM");
  const uint32_t version = cursor.number(2, 2);
  if ((order != "II" && order != "MM") || (version != 42 && version != 42 << 8)) return 1;
  const size_t directory = cursor.number(4, 4);
  const size_t entries = cursor.number(directory, 2);
  for (size_t i = 0; i < entries; ++i) {
    const size_t entry = directory + 2 + 12 * i;
    if (!cursor.holds(entry, 12)) break;
    constexpr uint32_t kOrientation = 0x0112;
    const size_t size = size_of_type(cursor.number(entry + 2, 2));
    const size_t count = cursor.number(entry + 4, 4);
    if (cursor.number(entry, 2) != kOrientation || size * count == 0) continue;
    const uint32_t value =
        cursor.number(size * count > 4 ? cursor.number(entry + 8, 4) : entry + 8, size);
    return value >= 1 && value <= 8 ? static_cast<int>(value) : 1;
  }
  return 1;
}

bool is_frame(uint8_t marker) {
  return marker >= 0xC0 && marker <= 0xCF && marker != 0xC4 && marker != 0xC8 && marker != 0xCC;
}

Traits jpeg_traits(Bytes bytes) {
  constexpr uint8_t kScan = 0xDA, kApp1 = 0xE1;
  const Cursor cursor(bytes, true);
  Traits traits;
  bool has_exif = false;
  for (size_t at = 2; cursor.holds(at, 4);) {
    if (bytes[at] != 0xFF || bytes[at + 1] == 0xFF || bytes[at + 1] == 0) {
      ++at;  // fill, or bytes that belong to nothing
      continue;
    }
    const uint8_t marker = bytes[at + 1];
    const size_t length = cursor.number(at + 2, 2);
    if (marker == kScan) break;
    if (is_frame(marker)) {
      traits.progressive = marker % 4 == 2;
      traits.cmyk = cursor.number(at + 9, 1) == 4;
    }
    if (marker == kApp1 && !has_exif && length >= 8 && cursor.holds(at + 2, length) &&
        text_of(bytes, at + 4, kExif.size()) == kExif) {
      has_exif = true;
      traits.orientation = orientation_of(bytes.subspan(at + 10, length - 8));
    }
    at += 2 + length;
  }
  return traits;
}

Traits png_traits(Bytes bytes) {
  constexpr uint32_t kGreyAlpha = 4, kColourAlpha = 6;
  const Cursor cursor(bytes, true);
  Traits traits;
  traits.sixteen_bits = cursor.number(24, 1) == 16;
  const uint32_t type = cursor.number(25, 1);
  traits.alpha = type == kGreyAlpha || type == kColourAlpha;
  for (size_t at = 8; cursor.holds(at, 12);) {
    const size_t length = cursor.number(at, 4);
    if (!cursor.holds(at + 8, length)) break;
    const std::string_view name = text_of(bytes, at + 4, 4);
    if (name == "tRNS") traits.alpha = true;
    if (name == "eXIf") {
      traits.orientation = orientation_of(bytes.subspan(at + 8, length));
    }
    at += 12 + length;
  }
  return traits;
}

}  // namespace

Traits traits_of(Bytes bytes) {
  const auto codec = image::sniff(bytes);
  if (codec == image::Codec::kJpeg) return jpeg_traits(bytes);
  if (codec == image::Codec::kPng) return png_traits(bytes);
  return {};
}

}  // namespace espalier::pack
