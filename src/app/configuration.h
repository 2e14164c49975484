// What the configuration file of a verb may hold. One file in app/configurations, registered by the
// name of the verb: `describe NAME` prints all of its sections, `list configuration` names it, and
// the generated page of options holds it.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "core/options.h"
#include "core/registry.h"

namespace espalier::app {

struct Section {
  std::string name, help;  // a name of "" is the top level
  Fields fields;
  std::shared_ptr<void> owner;  // what the fields point into
};

template <typename Options>
Section section(const std::string& name, const std::string& help) {
  const auto options = std::make_shared<Options>();
  return {name, help, options->fields(), options};
}

// The one option of the top level.
inline Section top_level() {
  const auto seed = std::make_shared<int64_t>(0);
  return {"", "the option outside of all sections", {seed_field(*seed)}, seed};
}

class Configuration : public Plugin {
 public:
  static constexpr const char* kKind = "configuration";

  virtual std::vector<Section> sections() const = 0;
};

}  // namespace espalier::app
