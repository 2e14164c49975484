#include <fmt/format.h>

#include <limits>

#include "config/document.h"

namespace espalier::config {
namespace {

std::string range_text(const FieldInfo& info) {
  constexpr double kInfinity = std::numeric_limits<double>::infinity();
  if (!info.choices.empty()) {
    std::string text;
    for (const std::string& choice : info.choices) text += (text.empty() ? "" : " | ") + choice;
    return text;
  }
  if (info.min > -kInfinity && info.max < kInfinity)
    return fmt::format("{} to {}", info.min, info.max);
  if (info.min > -kInfinity) return fmt::format(">= {}", info.min);
  if (info.max < kInfinity) return fmt::format("<= {}", info.max);
  return "";
}

}  // namespace

std::string describe(const Fields& fields, const std::string& indent) {
  std::string text;
  for (const Field& field : fields) {
    const std::string range = range_text(field.info);
    text += fmt::format(
        "{}{}: {}  ({}{}{}{})\n{}    {}\n", indent, field.name, value_text(field), type_name(field),
        range.empty() ? "" : ", " + range, field.info.unit.empty() ? "" : ", " + field.info.unit,
        field.info.identity ? "" : ", may change at --resume", indent, field.info.help);
  }
  return text;
}

std::string describe_markdown(const Fields& fields) {
  std::string text = "| option | default | type | range | meaning |\n|---|---|---|---|---|\n";
  for (const Field& field : fields) {
    std::string range = range_text(field.info);
    for (size_t at = 0; (at = range.find('|', at)) != std::string::npos; at += 2)
      range.insert(at, "\\");
    text += fmt::format("| `{}` | `{}` | {} | {} {} | {}{} |\n", field.name, value_text(field),
                        type_name(field), range, field.info.unit, field.info.help,
                        field.info.identity ? "" : " (may change at `--resume`)");
  }
  return text;
}

}  // namespace espalier::config
