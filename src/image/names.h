// Names for the values of an enum, in its order.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "core/error.h"

namespace espalier::image {

// Throws kUsage with the legal names; `what` is what they name: "filter".
template <typename Enum>
Enum value_named(const std::string& name, const std::vector<std::string>& names, const char* what) {
  const auto found = std::ranges::find(names, name);
  check(found != names.end(), Kind::kUsage, "there is no {} '{}' (there are: {})", what, name,
        fmt::join(names, ", "));
  return static_cast<Enum>(found - names.begin());
}

}  // namespace espalier::image
