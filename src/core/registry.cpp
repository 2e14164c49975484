#include "core/registry.h"

#include <fmt/ranges.h>

namespace espalier {
namespace {

using Kinds = std::map<std::string, std::map<std::string, RegistryEntry>>;

Kinds& kinds() {
  static Kinds instance;
  return instance;
}

std::vector<std::string>& repeated() {
  static std::vector<std::string> instance;
  return instance;
}

}  // namespace

std::map<std::string, RegistryEntry>& registry_entries(const std::string& kind) {
  return kinds()[kind];
}

void add_registry_entry(const std::string& kind, const std::string& name, RegistryEntry entry) {
  const bool added = registry_entries(kind).emplace(name, std::move(entry)).second;
  if (!added) repeated().push_back(kind + " '" + name + "'");
}

void require_unique_names() {
  check(repeated().empty(), Kind::kBug, "two plug-ins have the same name: {}",
        fmt::join(repeated(), ", "));
}

std::vector<std::string> registry_kinds() {
  std::vector<std::string> names;
  for (const auto& [kind, entries] : kinds())
    if (!entries.empty()) names.push_back(kind);
  return names;
}

}  // namespace espalier
