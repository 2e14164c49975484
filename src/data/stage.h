// Shards copied to a disk of the node, by one process of it.
#pragma once

#include <cstdint>
#include <filesystem>

#include "data/index.h"

namespace espalier::data {

// Where the shards of this set lie in `stage_folder`: sets do not mix.
std::filesystem::path staged_folder(const std::filesystem::path& stage_folder,
                                    const SetFacts& facts);

// Copies what is not there yet. Every shard is checked by SHA-256, also one that is there. kData
// when the source is damaged, kIo when the disk is full.
void stage_shards(const std::filesystem::path& folder, const IndexView& index,
                  const std::filesystem::path& stage_folder, int64_t threads);

}  // namespace espalier::data
