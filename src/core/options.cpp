#include "core/options.h"

#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include "core/error.h"

namespace espalier {
namespace {

std::string text_of(bool value) { return value ? "true" : "false"; }
std::string text_of(int64_t value) { return std::to_string(value); }
std::string text_of(double value) {
  return fmt::format("{}", value);
}  // shortest that reads back equal
std::string text_of(const std::string& value) { return nlohmann::json(value).dump(); }

template <typename T>
std::string text_of(const std::vector<T>& values) {
  std::string text = "[";
  for (size_t i = 0; i < values.size(); ++i) text += (i ? ", " : "") + text_of(values[i]);
  return text + "]";
}

template <typename T>
std::string text_of(T* target) {
  return text_of(*target);
}
std::string text_of(const EnumTarget& target) {
  return target.is_list ? text_of(target.names()) : text_of(target.names().front());
}

size_t edit_distance(const std::string& a, const std::string& b) {
  std::vector<size_t> row(b.size() + 1);
  for (size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (size_t i = 1; i <= a.size(); ++i) {
    size_t diagonal = row[0];
    row[0] = i;
    for (size_t j = 1; j <= b.size(); ++j) {
      const size_t change = diagonal + (a[i - 1] != b[j - 1]);
      diagonal = row[j];
      row[j] = std::min({change, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row.back();
}

}  // namespace

Field::Field(std::string name, FieldTarget target, FieldInfo info)
    : name(std::move(name)), target(std::move(target)), info(std::move(info)) {
  if (const auto* named = std::get_if<EnumTarget>(&this->target))
    this->info.choices = named->choices;
}

std::string type_name(const Field& field) {
  constexpr const char* kNames[] = {"true or false",    "integer",         "number",       "text",
                                    "list of integers", "list of numbers", "list of texts"};
  if (const auto* named = std::get_if<EnumTarget>(&field.target))
    return named->is_list ? "list of texts" : "text";
  return kNames[field.target.index()];
}

std::string value_text(const Field& field) {
  return std::visit([](const auto& target) { return text_of(target); }, field.target);
}

void require_expanded(const std::string& where, const std::string& text) {
  if (!text.starts_with("~/") && text != "~" && !text.starts_with('$')) return;
  const size_t end = std::min(text.find('/'), text.size());
  std::string variable = text.substr(0, end) == "~" ? "HOME" : text.substr(1, end - 1);
  if (variable.starts_with('{') && variable.ends_with('}'))
    variable = variable.substr(1, variable.size() - 2);
  const char* value = std::getenv(variable.c_str());
  throw Error(Kind::kUsage,
              "{}: '{}' is used as it is written, because no shell has replaced its '{}' ({})",
              where, text, text.substr(0, 1),
              value == nullptr ? fmt::format("the environment has no {}", variable)
                               : fmt::format("try: {}{}", value, text.substr(end)));
}

std::string nearest(const std::string& name, const std::vector<std::string>& legal) {
  std::string best;
  size_t best_distance = std::max<size_t>(2, name.size() / 3) + 1;
  for (const std::string& candidate : legal) {
    const size_t distance = edit_distance(name, candidate);
    if (distance < best_distance) {
      best = candidate;
      best_distance = distance;
    }
  }
  return best;
}

Field seed_field(int64_t& seed) {
  constexpr double kMost = 9007199254740991;  // a double holds it, and so does JSON
  return {"seed", &seed, {.min = 0, .max = kMost, .help = "seed of every random draw"}};
}

}  // namespace espalier
