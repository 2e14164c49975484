// Checks whether packed data still are what was written.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "shards/shard.h"

namespace espalier::shards {

// Checks every byte of a packed set:
//  - SHA256SUMS;
//  - the attributes and tables of each shard against the index;
//  - the CRC of each sample; where `deep`, also that it decodes to the last byte and to its size;
//  - that there are no other shards.
// Returns the faults, one line each, with the file and, where samples are damaged, their keys; an
// empty list = sound. kData only when no index can be read.
[[nodiscard]] std::vector<std::string> verify(
    const std::filesystem::path& folder, int64_t threads, bool deep = false,
    const std::function<void(int64_t samples_done)>& progress = {});

// The faults of one shard file, compared with what it should hold.
[[nodiscard]] std::vector<std::string> shard_faults(const std::filesystem::path& path,
                                                    const Shard& expected);

}  // namespace espalier::shards
