// JPEG and PNG: damage is an Error of kind data, the limits hold before memory is asked for, and a
// box that is decoded alone equals that of the whole image.
#include <algorithm>
#include <cstdlib>

#include "core/error.h"
#include "image/encoded.h"

namespace espalier::image {
namespace {

constexpr DecodeLimits kLimits = {.max_pixels = 1 << 18, .max_scans = 50};
constexpr size_t kDrawn = 9;  // bytes at the end that choose the box and the scale

template <typename Call>
bool succeeds(Call call) {
  try {
    call();
    return true;
  } catch (const Error& error) {
    if (error.kind() != Kind::kData) abort();
    return false;
  }
}

// Of a side of `length`: a first place and a count.
std::pair<int64_t, int64_t> part_of(int64_t length, const uint8_t* drawn) {
  const int64_t first = (drawn[0] + 256 * drawn[1]) % length;
  return {first, 1 + (drawn[2] + 256 * drawn[3]) % (length - first)};
}

Box box_in(int64_t height, int64_t width, const uint8_t* drawn) {
  const auto [top, rows] = part_of(height, drawn);
  const auto [left, columns] = part_of(width, drawn + 4);
  return {top, left, rows, columns};
}

bool equal(const Pixels& a, const Pixels& b) {
  for (int64_t y = 0; y < a.height; ++y) {
    if (!std::equal(a.row(y), a.row(y) + a.width * a.channels, b.row(y))) return false;
  }
  return a.height == b.height && a.width == b.width && a.channels == b.channels;
}

void decode_in_every_way(std::span<const uint8_t> bytes, const uint8_t* drawn) {
  Header header;
  if (!succeeds([&] { header = read_header(bytes, kLimits); })) return;
  if (header.height * header.width > kLimits.max_pixels) abort();
  Encoded encoded = {.codec = header.codec,
                     .shape = {header.channels, header.height, header.width},
                     .bytes = bytes};
  Image whole, memory;
  Pixels part;
  const Box box = box_in(header.height, header.width, drawn);
  const bool whole_is_sound = succeeds([&] { whole = std::move(decode(bytes, kLimits).image); });
  const bool box_is_sound = succeeds([&] { part = encoded.decode(box, memory); });
  if (whole_is_sound && !(box_is_sound && equal(part, Pixels(whole).part(box)))) abort();
  if (header.codec != Codec::kJpeg) return;
  const int shrink = 1 << drawn[8] % 4;
  succeeds([&] {
    encoded.decode_scaled(
        shrink,
        box_in((header.height + shrink - 1) / shrink, (header.width + shrink - 1) / shrink, drawn),
        memory);
  });
}

}  // namespace
}  // namespace espalier::image

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* bytes, size_t count) {
  using namespace espalier::image;
  if (count < kDrawn) return 0;
  decode_in_every_way({bytes, count - kDrawn}, bytes + count - kDrawn);
  return 0;
}
