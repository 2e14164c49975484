// Options of a toy.
#pragma once

#include <algorithm>
#include <string>
#include <variant>

#include "core/options.h"

namespace espalier {

// Widths, queues and the like become small, whatever the recipe has. The unit of an option says
// what it counts.
inline void shrink(const Fields& fields) {
  constexpr int64_t kSmall = 8;
  for (const Field& field : fields) {
    auto* const count = std::get_if<int64_t*>(&field.target);
    const std::string& unit = field.info.unit;
    if (count != nullptr &&
        (unit == "units" || unit == "channels" || unit == "prototypes" || unit == "images"))
      **count = std::min(**count, std::max(kSmall, static_cast<int64_t>(field.info.min)));
  }
}

}  // namespace espalier
