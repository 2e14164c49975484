// Kinds of files that are neither JPEG nor PNG, for the messages that refuse them.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace espalier::image {

struct ForeignKind {
  std::string_view name;  // "a WebP image", "an HTML page"; empty when it is not known
  bool is_image = false;
};

// By the first bytes.
[[nodiscard]] ForeignKind foreign_kind(std::span<const uint8_t> first);

}  // namespace espalier::image
