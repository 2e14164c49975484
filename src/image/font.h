// A small bitmap font: the printable characters of ASCII.
#pragma once

#include <array>
#include <cstdint>

namespace espalier::image {

inline constexpr int64_t kGlyphWidth = 7, kGlyphHeight = 13;
inline constexpr char kFirstGlyph = ' ';
inline constexpr int64_t kGlyphs = 95;

using Glyph = std::array<uint8_t, kGlyphHeight>;
extern const Glyph kFont[kGlyphs];

}  // namespace espalier::image
