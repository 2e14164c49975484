#include "augment/call.h"

#include <algorithm>
#include <set>
#include <string_view>

#include "config/document.h"
#include "core/error.h"

namespace espalier::augment {
namespace {

std::string trimmed(std::string_view text) {
  const size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos) return "";
  return std::string(text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1));
}

// The parts of `text` between separators that stand outside all brackets.
std::vector<std::string> split(const std::string& text, char separator) {
  std::vector<std::string> parts;
  int depth = 0;
  size_t start = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '(' || text[i] == '[') ++depth;
    if (text[i] == ')' || text[i] == ']') --depth;
    if (text[i] != separator || depth != 0) continue;
    parts.push_back(trimmed(std::string_view(text).substr(start, i - start)));
    start = i + 1;
  }
  parts.push_back(trimmed(std::string_view(text).substr(start)));
  return parts;
}

bool is_name(const std::string& text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](unsigned char c) {
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
  });
}

// The field that an argument is for, and the argument's value.
std::pair<std::string, std::string> parse_argument(const std::string& op, const Fields& fields,
                                                   const std::string& argument, size_t position,
                                                   bool& named) {
  check(!argument.empty(), Kind::kUsage, "{} has an empty argument", op);
  const size_t equals = argument.find('=');
  if (equals != std::string::npos) {
    named = true;
    return {trimmed(argument.substr(0, equals)), trimmed(argument.substr(equals + 1))};
  }
  check(!named, Kind::kUsage, "{}: '{}' has no name, but follows an argument that has one", op,
        argument);
  check(position < fields.size(), Kind::kUsage, "{} takes {} arguments, '{}' is one too many", op,
        fields.size(), argument);
  return {fields[position].name, argument};
}

// A list of one may stand without its brackets: blur(1.5).
std::string in_brackets(const std::string& value, const std::string& name, const Fields& fields) {
  const auto field = std::ranges::find(fields, name, &Field::name);
  const bool is_list = field != fields.end() && type_name(*field).starts_with("list");
  return is_list && !value.starts_with('[') ? "[" + value + "]" : value;
}

// "flip(p=0.5)" or "flip".
Call parse_call(const std::string& text) {
  const size_t open = text.find('(');
  Call call{.name = trimmed(text.substr(0, open)), .arguments = {}};
  check(is_name(call.name), Kind::kUsage, "'{}' is not an op (try: flip(p=0.5))", text);
  if (open == std::string::npos) return call;
  check(text.back() == ')', Kind::kUsage, "'{}' does not end with ')'", text);
  const std::string arguments = trimmed(text.substr(open + 1, text.size() - open - 2));
  if (!arguments.empty()) call.arguments = split(arguments, ',');
  return call;
}

}  // namespace

std::vector<Call> parse_calls(const std::string& text) {
  std::vector<Call> calls;
  if (trimmed(text).empty()) return calls;
  for (const std::string& part : split(text, '|')) calls.push_back(parse_call(part));
  return calls;
}

void set_options(const Call& call, const Fields& fields) {
  config::Document options;
  bool named = false;
  std::set<std::string> given;
  for (size_t i = 0; i < call.arguments.size(); ++i) {
    const auto [name, value] = parse_argument(call.name, fields, call.arguments[i], i, named);
    check(given.insert(name).second, Kind::kUsage, "{}: {} is given a second time", call.name,
          name);
    options.set(call.name + "." + name + "=" + in_brackets(value, name, fields));
  }
  options.bind(call.name, fields);
  options.finish();
}

std::string text_of(const std::string& name, const Fields& fields) {
  std::string arguments;
  for (const Field& field : fields) {
    arguments += (arguments.empty() ? "" : ", ") + field.name + "=" + value_text(field);
  }
  return arguments.empty() ? name : name + "(" + arguments + ")";
}

}  // namespace espalier::augment
