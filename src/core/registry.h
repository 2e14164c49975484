// Name -> plug-in. One file, one plug-in: a .cpp that ends in ESPALIER_REGISTER and that nothing
// else mentions.
//
//   ESPALIER_REGISTER(pretext::Task, Rotation, "rotation",
//                     "predicts by which quarter turn an image was rotated");
//
//   auto task = Registry<pretext::Task>::create("rotation");
//
// A plug-in is default-constructed; its options are then read through fields() before anything else
// is called. Registration happens before main (or while a module is loaded); afterwards a Registry
// is only read.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "core/error.h"
#include "core/options.h"

namespace espalier {

// What every plug-in has: a table of options, empty by default.
class Plugin {
 public:
  virtual ~Plugin() = default;
  virtual Fields fields() { return {}; }
};

struct RegistryEntry {
  std::function<std::shared_ptr<void>()> create;
  std::string help;
};

// The entries of one kind of plug-in, by name. One map for the whole process, also for loaded
// modules.
std::map<std::string, RegistryEntry>& registry_entries(const std::string& kind);

// Adds an entry. A second entry of the same kind and name does not replace the first; it is kept
// for require_unique_names().
void add_registry_entry(const std::string& kind, const std::string& name, RegistryEntry entry);

// Throws kBug, naming them, when two plug-ins of one kind have the same name. main() calls it
// first.
void require_unique_names();

// Every kind that has entries: "task", "backbone", ...
std::vector<std::string> registry_kinds();

// `T` names its kind: `static constexpr const char* kKind = "task";`.
template <typename T>
class Registry {
 public:
  static std::vector<std::string> names() {
    std::vector<std::string> names;
    for (const auto& [name, entry] : registry_entries(T::kKind)) names.push_back(name);
    return names;
  }

  // Throws kUsage, with the nearest legal name, when there is no such plug-in.
  static std::shared_ptr<T> create(const std::string& name) {
    const auto& entries = registry_entries(T::kKind);
    const auto entry = entries.find(name);
    if (entry == entries.end()) {
      std::string legal;
      for (const std::string& known : names()) legal += (legal.empty() ? "" : ", ") + known;
      const std::string near = nearest(name, names());
      throw Error(Kind::kUsage, "there is no {} named '{}'{} (there are: {})", T::kKind, name,
                  near.empty() ? "" : fmt::format("; did you mean '{}'?", near), legal);
    }
    return std::static_pointer_cast<T>(entry->second.create());
  }
};

template <typename T>
struct Registration {
  template <typename Implementation>
  static bool add(const std::string& name, const std::string& help) {
    add_registry_entry(
        T::kKind, name,
        {[] {
           return std::shared_ptr<void>(std::shared_ptr<T>(std::make_shared<Implementation>()));
         },
         help});
    return true;
  }
};

}  // namespace espalier

#define ESPALIER_REGISTER(Interface, Implementation, name, help)            \
  [[maybe_unused]] static const bool espalier_registered_##Implementation = \
      ::espalier::Registration<Interface>::add<Implementation>(name, help)
