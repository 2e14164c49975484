#include "config/document.h"

#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "core/error.h"
#include "core/hash.h"

namespace espalier::config {
namespace {

constexpr size_t kMostItems = 1000;  // of a list

template <typename T>
bool parse_number(const std::string& text, T& value) {
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  return error == std::errc() && stopped == end;
}

bool parse_scalar(const std::string& text, bool& value) {
  value = text == "true";
  return text == "true" || text == "false";
}
bool parse_scalar(const std::string& text, int64_t& value) { return parse_number(text, value); }
bool parse_scalar(const std::string& text, double& value) { return parse_number(text, value); }
bool parse_scalar(const std::string& text, std::string& value) {
  value = text;
  return true;
}

std::string join(const std::vector<std::string>& texts) {
  std::string joined;
  for (const std::string& text : texts) joined += (joined.empty() ? "" : ", ") + text;
  return joined;
}

std::string did_you_mean(const std::string& name, const std::vector<std::string>& legal) {
  const std::string near = nearest(name, legal);
  return near.empty() ? fmt::format(" (there are: {})", join(legal))
                      : fmt::format("; did you mean '{}'?", near);
}

void check_range(const Field& field, double value, const std::string& where,
                 const std::string& path) {
  const FieldInfo& info = field.info;
  check(std::isfinite(value), Kind::kUsage, "{}: {} is {}, it must be a finite number", where, path,
        value);
  check(value >= info.min && value <= info.max, Kind::kUsage, "{}: {} is {}, it must be {}{}",
        where, path, value,
        info.max == std::numeric_limits<double>::infinity() ? fmt::format(">= {}", info.min)
        : info.min == -std::numeric_limits<double>::infinity()
            ? fmt::format("<= {}", info.max)
            : fmt::format("from {} to {}", info.min, info.max),
        info.unit.empty() ? "" : " " + info.unit);
}
void check_legal(const Field& field, bool, const std::string&, const std::string&) { (void)field; }
void check_legal(const Field& field, int64_t value, const std::string& where,
                 const std::string& path) {
  check_range(field, static_cast<double>(value), where, path);
}
void check_legal(const Field& field, double value, const std::string& where,
                 const std::string& path) {
  check_range(field, value, where, path);
}
void check_legal(const Field& field, const std::string& value, const std::string& where,
                 const std::string& path) {
  require_expanded(where + ": " + path, value);
  const auto& choices = field.info.choices;
  check(choices.empty() || std::find(choices.begin(), choices.end(), value) != choices.end(),
        Kind::kUsage, "{}: {} is '{}', it must be one of: {}", where, path, value, join(choices));
}

}  // namespace

std::string Document::path_of(const std::string& section, const std::string& option) {
  return section.empty() ? option : section + "." + option;
}

std::string Document::peek(const std::string& section, const std::string& option,
                           const std::string& otherwise) const {
  const auto found = sections_.find(section);
  if (found == sections_.end()) return otherwise;
  const auto value = found->second.find(option);
  if (value == found->second.end() || value->second.is_list || value->second.is_null)
    return otherwise;
  return value->second.items[0].text;
}

void Document::assign(const Field& field, const Value& value, const std::string& path) const {
  const auto parse_item = [&](const Scalar& item, auto& into) {
    check(parse_scalar(item.text, into), Kind::kUsage, "{}: {} is '{}', its type is {}", item.where,
          path, item.text, type_name(field));
    check_legal(field, into, item.where, path);
  };
  const auto assign_scalar = [&](auto& into) {
    check(!value.is_list, Kind::kUsage, "{}: {} is a list, its type is {}", value.where, path,
          type_name(field));
    parse_item(value.items[0], into);
  };
  const auto assign_list = [&](auto& into) {
    check(value.is_list, Kind::kUsage, "{}: {} must be a {} (try: [{}])", value.where, path,
          type_name(field), value.items[0].text);
    check(value.items.size() <= kMostItems, Kind::kUsage,
          "{}: {} has {} items, at most {} are taken", value.where, path, value.items.size(),
          kMostItems);
    into.clear();
    for (const Scalar& item : value.items) {
      typename std::decay_t<decltype(into)>::value_type parsed{};
      parse_item(item, parsed);
      into.push_back(parsed);
    }
  };
  std::visit(
      [&]<typename Target>(const Target& target) {
        if constexpr (std::is_same_v<Target, EnumTarget>) {
          std::vector<std::string> names(1);
          if (target.is_list) {
            assign_list(names);
          } else {
            assign_scalar(names.front());
          }
          target.set(names);
        } else if constexpr (requires { target->push_back(target->front()); } &&
                             !std::is_same_v<Target, std::string*>) {
          assign_list(*target);
        } else {
          assign_scalar(*target);
        }
      },
      field.target);
}

std::string Document::replaced(const std::string& section, const std::string& option) const {
  const auto found = replaced_.find(path_of(section, option));
  return found == replaced_.end() ? "" : found->second;
}

std::vector<std::string> Document::forget(const std::string& section, const Fields& gone,
                                          const Fields& kept) {
  std::vector<std::string> names;
  std::map<std::string, Value>& options = sections_[section];
  for (const Field& field : gone) {
    const auto given = options.find(field.name);
    if (given == options.end() || given->second.is_override) continue;
    if (std::ranges::find(kept, field.name, &Field::name) != kept.end()) continue;
    names.push_back(field.name);
    options.erase(given);
  }
  return names;
}

void Document::bind(const std::string& section, const Fields& fields) {
  bound_sections_.push_back(section);
  std::vector<std::string> legal;
  for (const Field& field : fields) legal.push_back(field.name);
  for (const auto& [option, value] : sections_[section]) {
    const auto field = std::ranges::find(fields, option, &Field::name);
    if (field != fields.end()) {
      if (!(value.is_null && value.is_override)) assign(*field, value, path_of(section, option));
    } else if (section.empty() && value.is_null && !value.is_override) {
      section_where_.emplace(option, value.where);  // a section whose lines are all comments
    } else {
      unknown_.push_back({section, option, value.where, legal});
    }
  }
  for (const Field& field : fields)
    bound_.push_back({section, field.name, value_text(field), field.info.identity});
}

void Document::fill(const std::string& section, const Fields& fields) const {
  const auto found = sections_.find(section);
  if (found == sections_.end()) return;
  for (const Field& field : fields) {
    const auto value = found->second.find(field.name);
    if (value != found->second.end() && !(value->second.is_null && value->second.is_override))
      assign(field, value->second, path_of(section, field.name));
  }
}

// Where the option may belong: another section before another spelling.
std::string Document::hint(const Unknown& unknown) const {
  std::vector<std::string> elsewhere;
  for (const Bound& option : bound_) {
    const std::string path = path_of(option.section, option.option);
    if (path == unknown.option && !option.section.empty())  // "optim.lr: 0.1" in a file
      return fmt::format(" (try: {}: {{{}: ...}})", option.section, option.option);
    if (option.option == unknown.option) elsewhere.push_back("'" + path + "'");
  }
  if (!elsewhere.empty()) return fmt::format("; did you mean {}?", fmt::join(elsewhere, " or "));
  if (unknown.section.empty() && std::ranges::count(bound_sections_, unknown.option) > 0)
    return "; it is a section, which holds options";
  return did_you_mean(unknown.option, unknown.legal);
}

void Document::finish() const {
  for (const Unknown& unknown : unknown_)
    throw Error(Kind::kUsage, "{}: {} is not an option{}", unknown.where,
                path_of(unknown.section, unknown.option), hint(unknown));
  for (const auto& [section, where] : section_where_)
    check(
        std::find(bound_sections_.begin(), bound_sections_.end(), section) != bound_sections_.end(),
        Kind::kUsage, "{}: {} is not a section{}", where, section,
        did_you_mean(section, bound_sections_));
}

std::string Document::resolved() const {
  std::string text;
  std::string open;
  for (const Bound& option : bound_) {
    if (option.section != open) {
      text += "\n" + option.section + ":\n";
      open = option.section;
    }
    text += fmt::format("{}{}: {}\n", open.empty() ? "" : "  ", option.option, option.value);
  }
  return text;
}

std::string Document::resolved_section(const std::string& section) const {
  std::string text = section + ":\n";
  for (const Bound& option : bound_)
    if (option.section == section) text += fmt::format("  {}: {}\n", option.option, option.value);
  return text;
}

std::string Document::identity_hash() const {
  Sha256 hash;
  for (const Bound& option : bound_)
    if (option.identity)
      hash.update(path_of(option.section, option.option) + "=" + option.value + "\n");
  return hash.hex();
}

std::vector<std::string> Document::identity_changes(const Document& before, const Document& after) {
  std::map<std::string, std::pair<std::string, std::string>> values;
  for (const Bound& option : before.bound_)
    if (option.identity) values[path_of(option.section, option.option)].first = option.value;
  for (const Bound& option : after.bound_)
    if (option.identity) values[path_of(option.section, option.option)].second = option.value;
  const auto shown = [](const std::string& value) { return value.empty() ? "(unset)" : value; };
  std::vector<std::string> changes;
  for (const auto& [path, value] : values)
    if (value.first != value.second)
      changes.push_back(fmt::format("{}: {} -> {}", path, shown(value.first), shown(value.second)));
  return changes;
}

}  // namespace espalier::config
