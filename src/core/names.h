// The names of an enum's values: given once, beside the enum, in a function that is found by its
// argument.
//
//   enum class Order { kShuffled, kPath };
//   constexpr auto names_of(Order) {
//     using enum Order;
//     return names<Order>({{kShuffled, "shuffled"}, {kPath, "path"}});
//   }
//
// A field of an option table may then be bound to an Order (core/options.h). Code compares values;
// what a person writes or reads is the name.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "core/error.h"

namespace espalier {

// Every value of Enum with its name, in the order in which people read them.
template <typename Enum, size_t n>
constexpr auto names(const std::pair<Enum, const char*> (&pairs)[n]) {
  return std::to_array(pairs);
}

template <typename T>
concept NamedEnum = std::is_enum_v<T> && requires(T value) {
  names_of(value);
};

template <NamedEnum Enum>
std::string name_of(Enum value) {
  for (const auto& [named, name] : names_of(value))
    if (named == value) return name;
  throw Error(Kind::kBug, "a value has no name: {}", static_cast<int64_t>(value));
}

template <NamedEnum Enum>
std::vector<std::string> all_names() {
  std::vector<std::string> all;
  for (const auto& [value, name] : names_of(Enum{})) all.emplace_back(name);
  return all;
}

// Nothing where no value has this name.
template <NamedEnum Enum>
std::optional<Enum> value_named(std::string_view text) {
  for (const auto& [value, name] : names_of(Enum{}))
    if (name == text) return value;
  return std::nullopt;
}

}  // namespace espalier

// A message says the name.
template <espalier::NamedEnum Enum>
struct fmt::formatter<Enum> : fmt::formatter<std::string> {
  template <typename Context>
  auto format(Enum value, Context& context) const {
    return fmt::formatter<std::string>::format(espalier::name_of(value), context);
  }
};
