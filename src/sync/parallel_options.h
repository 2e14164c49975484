// The section `parallel` of a configuration.
#pragma once

#include <string>

#include "core/options.h"

namespace espalier::sync {

struct ParallelOptions {
  std::string lanes = "auto";
  int64_t lane_threads = 1;
  std::string mode = "auto", communicator = "auto", wire = "native";
  Fields fields();
};

}  // namespace espalier::sync
