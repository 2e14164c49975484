// Sections whose options depend on the plug-in that they name.
#pragma once

#include <algorithm>
#include <string>

#include "config/document.h"
#include "core/log.h"
#include "core/registry.h"
#include "train/run_config.h"

namespace espalier::train {

// Where an override names another plug-in than the file did, what the file says to the old one
// alone is left out. `kept` are all fields of the section.
template <typename T>
void drop_options_of_replaced(config::Document& document, const std::string& section,
                              const std::string& option, const Fields& kept) {
  const std::string before = document.replaced(section, option);
  const std::vector<std::string> known = Registry<T>::names();
  if (std::ranges::count(known, before) == 0) return;
  const std::shared_ptr<T> old = Registry<T>::create(before);
  for (const std::string& name : document.forget(section, old->fields(), kept))
    log::info("config", "{}.{} is left out: it is an option of {}, which {}.{} replaced", section,
              name, before, section, option);
}

// Every field of the section `optim`. Options that the file gives to an optimizer or a schedule
// that an override has replaced are taken out of `document`.
Fields optim_fields(config::Document& document, OptimOptions& options, optim::Optimizer& optimizer,
                    optim::Schedule& schedule);

// The top-level option `seed`.
Field seed_field(int64_t& seed);

}  // namespace espalier::train
