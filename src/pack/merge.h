// Packed sets as one source of images, so that Packer writes them as a new set.
#pragma once

#include <filesystem>
#include <memory>
#include <vector>

#include "pack/format.h"

namespace espalier::pack {

// Classes are united by name: those of the first set keep their numbers, new names follow. Keys
// are the sets' own, or "1/KEY", "2/KEY", ... by set where `prefix_keys`. kData when a key is in
// two sets and there is no prefix.
[[nodiscard]] std::shared_ptr<Format> merged_source(
    const std::vector<std::filesystem::path>& folders, bool prefix_keys);

}  // namespace espalier::pack
