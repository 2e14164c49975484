// Options of a toy.
#pragma once

#include <algorithm>
#include <string>
#include <variant>
#include <vector>

#include "core/options.h"
#include "core/registry.h"

namespace espalier {

// Widths, queues, depths and the like become small, whatever the recipe has. The unit of an option
// says what it counts.
inline void shrink(const Fields& fields) {
  constexpr int64_t kSmall = 8;
  for (const Field& field : fields) {
    auto* const count = std::get_if<int64_t*>(&field.target);
    const std::string& unit = field.info.unit;
    if (count != nullptr &&
        (unit == "units" || unit == "channels" || unit == "prototypes" || unit == "images"))
      **count = std::min(**count, std::max(kSmall, static_cast<int64_t>(field.info.min)));
    if (count != nullptr && unit == "blocks") **count = std::min<int64_t>(**count, 2);
  }
}

// What that changes in a new Plug of `name`: {"hidden=8", "dimension=8"}.
template <typename Plug>
std::vector<std::string> small_options(const std::string& name) {
  const auto whole = Registry<Plug>::create(name), small = Registry<Plug>::create(name);
  const Fields defaults = whole->fields(), fields = small->fields();
  shrink(fields);
  std::vector<std::string> options;
  for (size_t i = 0; i < fields.size(); ++i)
    if (value_text(fields[i]) != value_text(defaults[i]))
      options.push_back(fields[i].name + "=" + value_text(fields[i]));
  return options;
}

}  // namespace espalier
