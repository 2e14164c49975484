// Bytes through tables.
#pragma once

#include <array>
#include <cstdint>
#include <span>

#include "image/image.h"

namespace espalier::image {

using Table = std::array<uint8_t, 256>;  // by value

// Each byte through the table or, where there is one per channel, the table of its channel. `to`
// may be the image whose pixels `from` are.
void look_up(const Pixels& from, std::span<const Table> tables, Image& to);

}  // namespace espalier::image
