// YAML text and `key=value` into a Document.
#include <yaml-cpp/yaml.h>

#include <set>

#include "config/document.h"
#include "core/error.h"
#include "core/files.h"

namespace espalier::config {
namespace {

constexpr size_t kMaxBytes = 1 << 20;  // of one file; a larger one is not a configuration

void check_size(size_t bytes, const std::string& origin) {
  check(bytes <= kMaxBytes, Kind::kUsage, "{} has {} bytes, too many for a configuration", origin,
        bytes);
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
    value.is_null = node.IsNull();
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
    const std::string path = Document::path_of(section, key.Scalar());
    // yaml-cpp puts the mark of an empty value on the line after it.
    Document::Value read = value(node, path, where(node.IsNull() ? key : node));
    const bool added = document.sections_[section].emplace(key.Scalar(), std::move(read)).second;
    check(added, Kind::kUsage, "{}: {} is given a second time", where(key), path);
  }

  void document_node(const YAML::Node& root) const {
    if (root.IsNull()) return;
    check(root.IsMap(), Kind::kUsage, "{}: a configuration is a map of sections", where(root));
    std::set<std::string> seen;
    for (const auto& entry : root) {
      const std::string key = entry.first.Scalar();
      check(seen.insert(key).second, Kind::kUsage, "{}: {} is given a second time",
            where(entry.first), key);
      if (!entry.second.IsMap()) {
        add("", entry.first, entry.second);
        continue;
      }
      document.section_where_.emplace(key, where(entry.first));
      for (const auto& option : entry.second) add(key, option.first, option.second);
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
    value.is_override = true;
    auto& options = sections_[section];
    const auto given = options.find(option);
    if (given != options.end() && !given->second.is_override && !given->second.is_list)
      replaced_[path] = given->second.items[0].text;
    if (given != options.end() && value.is_null) {
      options.erase(given);
    } else {
      options.insert_or_assign(option, std::move(value));
    }
  } catch (const YAML::Exception& error) {
    throw Error(Kind::kUsage, "{}: {}", origin, error.msg);
  }
  if (!section.empty()) section_where_.emplace(section, origin);
}

}  // namespace espalier::config
