// CONFIG.yaml [key=value ...]: the positional arguments of verbs that take a configuration.
#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <vector>

#include "config/document.h"

namespace espalier::app {

class RunArguments {
 public:
  void declare(CLI::App& command) {
    command.add_option("config", path_, "configuration of the run, a YAML file")->required();
    command.add_option("overrides", overrides_,
                       "options to change in the configuration, for example optim.lr=0.3");
  }

  config::Document document() const {
    config::Document document = config::Document::load(path_);
    for (const std::string& assignment : overrides_) document.set(assignment);
    return document;
  }

 private:
  std::string path_;
  std::vector<std::string> overrides_;
};

}  // namespace espalier::app
