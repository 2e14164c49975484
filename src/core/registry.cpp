#include "core/registry.h"

namespace espalier {
namespace {

using Kinds = std::map<std::string, std::map<std::string, RegistryEntry>>;

Kinds& kinds() {
  static Kinds instance;
  return instance;
}

}  // namespace

std::map<std::string, RegistryEntry>& registry_entries(const std::string& kind) {
  return kinds()[kind];
}

std::vector<std::string> registry_kinds() {
  std::vector<std::string> names;
  for (const auto& [kind, entries] : kinds())
    if (!entries.empty()) names.push_back(kind);
  return names;
}

}  // namespace espalier
