// A card of a packed set, as those in datasets/: what it holds, for people and for copying from.
#pragma once

#include <string>

#include "shards/stored_set.h"

namespace espalier::pack {

// YAML: images, sizes, classes with their counts, mean and standard deviation of pixels / 255 (of
// up to 50,000 images), flags, options, identity. `name` heads it.
[[nodiscard]] std::string card_of(const shards::StoredSet& set, const std::string& name,
                                  int64_t threads);

}  // namespace espalier::pack
