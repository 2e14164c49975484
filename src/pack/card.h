// A card of a packed set, as those in datasets/: what it holds, for people and for copying from.
#pragma once

#include <string>

#include "data/dataset.h"

namespace espalier::pack {

// YAML: images, sizes, classes with their counts, mean and standard deviation of pixels / 255 (of
// up to 50,000 images), flags, options, identity. `name` heads it.
std::string card_of(const data::Dataset& dataset, const std::string& name, int64_t threads);

// Samples that have each flag of shards/flags.h, for those that any sample has.
std::vector<std::pair<std::string, int64_t>> flag_counts(const data::Dataset& dataset);

}  // namespace espalier::pack
