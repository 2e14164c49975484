// One topic of `espalier doctor`. One file in app/doctor, registered by name; the verb runs all of
// them, in the order of their names.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "comm/communicator.h"
#include "core/registry.h"

namespace espalier::app {

struct Finding {
  std::string what;
  std::string state;        // what was found
  std::string advice = {};  // what to do about it; empty = nothing
  int exit_code = 0;        // not 0 when even a run on CPUs is in trouble
};

using Findings = std::vector<Finding>;

class Check : public Plugin {
 public:
  static constexpr const char* kKind = "check";

  // Collective. What rank 0 returns is printed. `folder` is where runs are to be written.
  virtual Findings run(comm::Communicator& control, const std::filesystem::path& folder) = 0;
};

}  // namespace espalier::app
