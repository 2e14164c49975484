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
// A Fields points into the struct it was made from and must not outlive it.
#pragma once

#include <cstdint>
#include <limits>
#include <string>
#include <variant>
#include <vector>

namespace espalier {

struct FieldInfo {
  // Range of a number, or of each number of a list.
  double min = -std::numeric_limits<double>::infinity();
  double max = std::numeric_limits<double>::infinity();
  std::string unit = {};                  // "px", "bytes", "epochs"; empty where there is none
  std::vector<std::string> choices = {};  // legal strings; empty = any
  std::string help = {};
  // Part of what the run is: may not change at --resume, enters the configuration hash.
  bool identity = true;
};

using FieldTarget = std::variant<bool*, int64_t*, double*, std::string*, std::vector<int64_t>*,
                                 std::vector<double>*, std::vector<std::string>*>;

struct Field {
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
