// Sections of a configuration whose options depend on the plug-in that they name.
#pragma once

#include <algorithm>
#include <memory>
#include <string>
#include <vector>

#include "config/document.h"
#include "core/log.h"
#include "core/registry.h"

namespace espalier::config {

// The fields of a plug-in's section: those that all plug-ins share, then the plug-in's own.
inline Fields with(Fields shared, Fields own) {
  for (Field& field : own) shared.push_back(std::move(field));
  return shared;
}

// Where an override names another plug-in than the file did, the options that only the old one has
// are removed from `document`. `kept` are all fields of the section.
template <typename T>
void drop_options_of_replaced(Document& document, const std::string& section,
                              const std::string& option, const Fields& kept) {
  const std::string before = document.replaced(section, option);
  const std::vector<std::string> known = Registry<T>::names();
  if (std::ranges::count(known, before) == 0) return;
  const std::shared_ptr<T> old = Registry<T>::create(before);
  for (const std::string& name : document.forget(section, old->fields(), kept))
    log::info("config", "{}.{} is left out: it is an option of {}, which {}.{} replaced", section,
              name, before, section, option);
}

}  // namespace espalier::config
