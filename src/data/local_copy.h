// The local copy of a set's shards on a disk of the node, made by one process of it
// (mode `local_copy`).
#pragma once

#include <cstdint>
#include <filesystem>

#include "shards/index.h"

namespace espalier::data {

// Where the copy of this set lies in `copy_folder`: sets do not mix.
[[nodiscard]] std::filesystem::path folder_of_copy(const std::filesystem::path& copy_folder,
                                                   const shards::SetFacts& facts);

// Copies the shards that are not there yet. Every shard is checked by SHA-256, also one that was
// there. Logs its progress every ten seconds. kData when the source is damaged, kIo when the disk
// is full.
void copy_shards(const std::filesystem::path& folder, const shards::IndexView& index,
                 const std::filesystem::path& copy_folder, int64_t threads);

}  // namespace espalier::data
