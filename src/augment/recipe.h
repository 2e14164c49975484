// The views of a sample that a paper trains on. One file in augment/recipes, registered by name; in
// a configuration its name replaces the pipelines: `augment.views: [byol]`, or with options
// `[byol(size=96)]`.
//
// A recipe consists of the texts of pipelines: it can be printed, copied and changed.
#pragma once

#include <string>
#include <vector>

#include "augment/pipeline.h"
#include "core/registry.h"

namespace espalier::augment {

class Recipe : public Plugin {
 public:
  static constexpr const char* kKind = "recipe";

  // The text of a pipeline for each view.
  virtual std::vector<std::string> views() const = 0;
};

// The pipelines that `texts` stand for: one for each, or, where the only text names a recipe, its
// views. Throws kUsage, beginning with `where`, as Pipeline::parse().
std::vector<Pipeline> parse_views(const std::vector<std::string>& texts, const std::string& where);

}  // namespace espalier::augment
