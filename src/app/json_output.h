// What --json prints.
#pragma once

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "core/jsonl.h"

namespace espalier::app {

// Bytes of a name that are no UTF-8 become the replacement character.
inline void print_json(const Json& json) {
  fmt::print("{}\n", json.dump(2, ' ', false, Json::error_handler_t::replace));
}

}  // namespace espalier::app
