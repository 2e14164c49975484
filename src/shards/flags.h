// Bits of SampleTable::flags: how a stored image differs from the file in its source.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <utility>
#include <vector>

namespace espalier::shards {

inline constexpr uint32_t kExtraneousBytes = 1;  // bytes before a JPEG marker belong to nothing
inline constexpr uint32_t kResized = 1 << 1;     // by --max-side
inline constexpr uint32_t kTurned = 1 << 2;      // the EXIF orientation was applied
inline constexpr uint32_t kOrientationIgnored = 1 << 3;  // there is one, and it was not applied
inline constexpr uint32_t kBaseline = 1 << 4;     // progressive JPEG -> baseline, equal pixels
inline constexpr uint32_t kCmyk = 1 << 5;         // four inks, RGB after decoding
inline constexpr uint32_t kSixteenBits = 1 << 6;  // of which decoding keeps the high byte
inline constexpr uint32_t kAlpha = 1 << 7;        // a channel, or a transparent colour
inline constexpr uint32_t kGreyAsRgb = 1 << 8;    // grey, stored as three equal channels
inline constexpr uint32_t kComposited = 1 << 9;   // over the background: not all of it was opaque

// The stored bytes are not those of the source's file.
inline constexpr uint32_t kRewritten = kResized | kTurned | kBaseline | kComposited;

struct FlagName {
  uint32_t bit;
  const char* name;
};
inline constexpr std::array kFlagNames = {
    FlagName{kExtraneousBytes, "extraneous bytes"},
    FlagName{kResized, "resized"},
    FlagName{kTurned, "turned upright"},
    FlagName{kOrientationIgnored, "orientation ignored"},
    FlagName{kBaseline, "progressive to baseline"},
    FlagName{kCmyk, "CMYK"},
    FlagName{kSixteenBits, "16 bits"},
    FlagName{kAlpha, "alpha"},
    FlagName{kGreyAsRgb, "grey as RGB"},
    FlagName{kComposited, "over a background"},
};

// Samples that have each flag, for those that any sample has; `flags` are by sample.
[[nodiscard]] std::vector<std::pair<std::string, int64_t>> flag_counts(
    std::span<const uint32_t> flags);

}  // namespace espalier::shards
