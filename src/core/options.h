// The one table of an option struct. YAML, `key=value`, --help, `describe`, the generated docs, the
// checkpoint and the configuration hash all read it; nothing about an option is written twice.
//
//   struct SgdOptions {
//     double lr = 0.1;
//     Fields fields() {
//       return {{"lr", &lr, {.min = 0, .help = "learning rate at the global batch given"}}};
//     }
//   };
//
// An option with a few legal values is an enum whose names are given beside it (core/names.h), or a
// list of one: the table takes the choices from there, and everything that reads the table says the
// names. A name that is not known before the program runs, as that of a plug-in, stays a string.
//
// A Fields points into the struct it was made from and must not outlive it.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <string>
#include <variant>
#include <vector>

#include "core/names.h"

namespace espalier {

struct FieldInfo {
  // Range of a number, or of each number of a list.
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  std::string unit = {};                  // "px", "bytes", "epochs"; empty where there is none
  std::vector<std::string> choices = {};  // legal strings; empty = any; those of an enum: its names
  std::string help = {};
  // Part of what the run is: may not change at --resume, enters the configuration hash.
  bool identity = true;
};

// An enum, or a list of one, for which stands its name.
struct EnumTarget {
  template <NamedEnum Enum>
  EnumTarget(Enum* value)
      : is_list(false),
        choices(all_names<Enum>()),
        names([value] { return std::vector{name_of(*value)}; }),
        set([value](const auto& given) { *value = value_named<Enum>(given.at(0)).value(); }) {}

  template <NamedEnum Enum>
  EnumTarget(std::vector<Enum>* values)
      : is_list(true),
        choices(all_names<Enum>()),
        names([values] {
          std::vector<std::string> all;
          for (const Enum value : *values) all.push_back(name_of(value));
          return all;
        }),
        set([values](const auto& given) {
          values->clear();
          for (const std::string& name : given) values->push_back(value_named<Enum>(name).value());
        }) {}

  bool is_list;
  std::vector<std::string> choices;
  std::function<std::vector<std::string>()> names;                 // one, or those of the list
  std::function<void(const std::vector<std::string>& given)> set;  // each is one of `choices`
};

using FieldTarget = std::variant<bool*, int64_t*, double*, std::string*, std::vector<int64_t>*,
                                 std::vector<double>*, std::vector<std::string>*, EnumTarget>;

struct Field {
  Field(std::string name, FieldTarget target, FieldInfo info);

  std::string name;
  FieldTarget target;
  FieldInfo info;
};

using Fields = std::vector<Field>;

// The one option of the top level of every configuration.
Field seed_field(int64_t& seed);

// "integer", "list of numbers", ...: the word that errors and docs use.
std::string type_name(const Field& field);

// The current value as YAML text: `0.1`, `[16, 32]`, `"a b"`. Numbers are written so that they read
// back equal.
[[nodiscard]] std::string value_text(const Field& field);

// Throws kUsage, naming `where`, for a text that begins as only a shell would replace it: "~/data",
// "$HOME/data".
void require_expanded(const std::string& where, const std::string& text);

// The legal name nearest to `name` by edit distance, or "" when none is near.
[[nodiscard]] std::string nearest(const std::string& name, const std::vector<std::string>& legal);

}  // namespace espalier
