// RUN: the first argument of verbs that use trained weights.
#pragma once

#include <CLI/CLI.hpp>
#include <optional>
#include <string>

#include "engine/trained_model.h"

namespace espalier::app {

// The network of a run of pretrain (its newest checkpoint, or that of RUN@STEP), of a fitted model or
// of an exported backbone. kUsage, with what to try, where `path` is none of them.
engine::TrainedModel open_model(const std::string& path);

class ModelArgument {
 public:
  // RUN and --evaluate.
  void declare(CLI::App& command);

  engine::TrainedModel open() const;

 private:
  std::string path_;
  std::optional<std::string> evaluate_;
};

// --cut of verbs that use features: 0 or absent is the last one. kUsage where the backbone has
// fewer stages.
int64_t settle_cut(int64_t given, const engine::TrainedModel& model);
void add_cut_option(CLI::App& command, int64_t& cut);

// The packed set DATA, whose images fit `model`.
data::Dataset open_images(const std::string& folder, const engine::TrainedModel& model);

}  // namespace espalier::app
