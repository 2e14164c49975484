// The section `data` of a pretraining configuration.
#pragma once

#include <string>

#include "core/options.h"
#include "data/read_mode.h"

namespace espalier::data {

struct DataOptions {
  std::string shards, validation;
  double holdout = 0;
  int64_t batch = 256;
  std::string threads = "auto";
  int64_t depth = 2;
  ReadOptions reading;
  Fields fields();

  // What hooks measure on, for messages; empty = there is no such set.
  std::string validation_name() const;
};

}  // namespace espalier::data
