#include "config/document.h"

#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <charconv>

#include "core/error.h"
#include "core/files.h"
#include "core/hash.h"

namespace espalier::config {
namespace {

constexpr size_t kMaxBytes = 1 << 20;  // of one file; a larger one is not a configuration

void check_size(size_t bytes, const std::string& origin) {
  check(bytes <= kMaxBytes, Kind::kUsage, "{} has {} bytes, too many for a configuration", origin,
        bytes);
}

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

std::string path_of(const std::string& section, const std::string& option) {
  return section.empty() ? option : section + "." + option;
}

void check_range(const Field& field, double value, const std::string& where,
                 const std::string& path) {
  const FieldInfo& info = field.info;
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
  const auto& choices = field.info.choices;
  check(choices.empty() || std::find(choices.begin(), choices.end(), value) != choices.end(),
        Kind::kUsage, "{}: {} is '{}', it must be one of: {}", where, path, value, join(choices));
}

}  // namespace

// Walks a parsed YAML file into sections.
struct Reader {
  Document& document;
  std::string origin;

  std::string where(const YAML::Node& node) const {
    const YAML::Mark mark = node.Mark();
    return mark.is_null() ? origin
                          : fmt::format("{}:{}:{}", origin, mark.line + 1, mark.column + 1);
  }

  Document::Value value(const YAML::Node& node, const std::string& path, std::string place) const {
    Document::Value value;
    value.where = std::move(place);
    check(!node.IsMap(), Kind::kUsage, "{}: {} holds further options, it must be a value",
          value.where, path);
    value.is_list = node.IsSequence();
    if (!value.is_list) {
      value.items.push_back({node.IsNull() ? "" : node.Scalar(), value.where});
      return value;
    }
    for (const YAML::Node& item : node) {
      check(item.IsScalar(), Kind::kUsage, "{}: {} must be a list of plain values", where(item),
            path);
      value.items.push_back({item.Scalar(), where(item)});
    }
    return value;
  }

  void add(const std::string& section, const YAML::Node& key, const YAML::Node& node) const {
    const std::string path = path_of(section, key.Scalar());
    // yaml-cpp puts the mark of an empty value on the line after it.
    Document::Value read = value(node, path, where(node.IsNull() ? key : node));
    const bool added = document.sections_[section].emplace(key.Scalar(), std::move(read)).second;
    check(added, Kind::kUsage, "{}: {} stands here a second time", where(key), path);
  }

  void document_node(const YAML::Node& root) const {
    if (root.IsNull()) return;
    check(root.IsMap(), Kind::kUsage, "{}: a configuration is a map of sections", where(root));
    for (const auto& entry : root) {
      if (!entry.second.IsMap()) {
        add("", entry.first, entry.second);
        continue;
      }
      const std::string section = entry.first.Scalar();
      const bool added = document.section_where_.emplace(section, where(entry.first)).second;
      check(added, Kind::kUsage, "{}: section {} stands here a second time", where(entry.first),
            section);
      for (const auto& option : entry.second) add(section, option.first, option.second);
    }
  }
};

Document Document::load(const std::filesystem::path& path) {
  check(std::filesystem::is_regular_file(path), Kind::kUsage, "there is no file {}", path.string());
  check_size(std::filesystem::file_size(path), path.string());
  return parse(read_file(path), path.string());
}

Document Document::parse(const std::string& yaml, const std::string& origin) {
  check_size(yaml.size(), origin);
  Document document;
  document.origin_ = origin;
  try {
    const std::vector<YAML::Node> roots = YAML::LoadAll(yaml);
    check(roots.size() <= 1, Kind::kUsage, "{} holds {} YAML documents, it must hold one", origin,
          roots.size());
    for (const YAML::Node& root : roots) Reader{document, origin}.document_node(root);
  } catch (const YAML::Exception& error) {
    throw Error(Kind::kUsage, "{}:{}:{}: {}", origin, error.mark.line + 1, error.mark.column + 1,
                error.msg);
  }
  return document;
}

void Document::set(const std::string& assignment) {
  const size_t equals = assignment.find('=');
  check(equals != std::string::npos && equals > 0, Kind::kUsage,
        "'{}' is not an override (try: optim.lr=0.3)", assignment);
  const std::string path = assignment.substr(0, equals);
  const size_t dot = path.find('.');
  const std::string section = dot == std::string::npos ? "" : path.substr(0, dot);
  const std::string option = dot == std::string::npos ? path : path.substr(dot + 1);
  const std::string origin = "'" + assignment + "'";
  try {
    const YAML::Node node = YAML::Load(assignment.substr(equals + 1));
    Value value = Reader{*this, origin}.value(node, path, origin);
    for (Scalar& item : value.items) item.where = origin;
    sections_[section].insert_or_assign(option, std::move(value));
  } catch (const YAML::Exception& error) {
    throw Error(Kind::kUsage, "{}: {}", origin, error.msg);
  }
  if (!section.empty()) section_where_.emplace(section, origin);
}

std::string Document::peek(const std::string& section, const std::string& option,
                           const std::string& otherwise) const {
  const auto found = sections_.find(section);
  if (found == sections_.end()) return otherwise;
  const auto value = found->second.find(option);
  if (value == found->second.end() || value->second.is_list) return otherwise;
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
          type_name(field), value.items.empty() ? "" : value.items[0].text);
    into.clear();
    for (const Scalar& item : value.items) {
      typename std::decay_t<decltype(into)>::value_type parsed{};
      parse_item(item, parsed);
      into.push_back(parsed);
    }
  };
  std::visit(
      [&](auto* target) {
        if constexpr (requires { target->push_back(target->front()); } &&
                      !std::is_same_v<std::decay_t<decltype(*target)>, std::string>) {
          assign_list(*target);
        } else {
          assign_scalar(*target);
        }
      },
      field.target);
}

void Document::bind(const std::string& section, const Fields& fields) {
  bound_sections_.push_back(section);
  std::vector<std::string> legal;
  for (const Field& field : fields) legal.push_back(field.name);
  for (const auto& entry : sections_[section]) {
    const std::string& option = entry.first;
    const Value& value = entry.second;
    const auto field = std::find_if(fields.begin(), fields.end(), [&](const Field& candidate) {
      return candidate.name == option;
    });
    check(field != fields.end(), Kind::kUsage, "{}: {} is not an option{}", value.where,
          path_of(section, option), did_you_mean(option, legal));
    assign(*field, value, path_of(section, option));
  }
  for (const Field& field : fields)
    bound_.push_back({section, field.name, value_text(field), field.info.identity});
}

void Document::fill(const std::string& section, const Fields& fields) const {
  const auto found = sections_.find(section);
  if (found == sections_.end()) return;
  for (const Field& field : fields) {
    const auto value = found->second.find(field.name);
    if (value != found->second.end()) assign(field, value->second, path_of(section, field.name));
  }
}

void Document::finish() const {
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
