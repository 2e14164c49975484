// What a finished run leaves for others: its backbone, and where it came from.
#pragma once

#include <string>

#include "train/run_config.h"
#include "train/run_folder.h"

namespace espalier::train {

struct ExportFacts {
  image::ViewShape input;
  int64_t steps = 0;
  std::string data_hash;
  std::vector<std::string> classes;  // of the training set, in the order of its numbers
};

// backbone.safetensors (names without "backbone.") and backbone.json: stages and their shapes,
// input, normalisation, evaluation pipeline, the model section that rebuilds it, and the SHA-256 of
// the tensors.
void export_backbone(const RunFolder& folder, const RunConfig& config, const Network& network,
                     const ExportFacts& facts);

struct RunFacts {
  int ranks = 1;
  int64_t lanes = 1;
  std::string command, data_hash;
  double seconds = 0;
};

void write_provenance(const RunFolder& folder, const RunConfig& config, const RunFacts& facts);

}  // namespace espalier::train
