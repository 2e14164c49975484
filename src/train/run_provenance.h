// provenance.json of a run.
#pragma once

#include <string>

#include "engine/given_weights.h"
#include "engine/run_folder.h"
#include "train/run_config.h"

namespace espalier::train {

struct RunFacts {
  int ranks = 1;
  int64_t lanes = 1;
  std::string command, data_hash;
  double seconds = 0;
  engine::Parent parent;
  std::vector<engine::Parent> teachers;
};

void write_provenance(const engine::RunFolder& folder, const RunConfig& config,
                      const RunFacts& facts);

}  // namespace espalier::train
