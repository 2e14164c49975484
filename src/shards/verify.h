// Whether packed data are what was written.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "shards/shard.h"

namespace espalier::shards {

// Checks every byte of a packed set: SHA256SUMS, the attributes and tables of each shard against
// the index, the CRC of each sample, that there is no shard besides; `deep` also decodes each
// sample to the last byte and compares its size. Returns the faults, each a line that names the
// file and, where samples are hit, the key; none = sound. kData only when there is no index that
// can be read.
std::vector<std::string> verify(const std::filesystem::path& folder, int64_t threads,
                                bool deep = false,
                                const std::function<void(int64_t samples_done)>& progress = {});

// The faults of one shard file measured against what it should be.
std::vector<std::string> shard_faults(const std::filesystem::path& path, const Shard& expected);

}  // namespace espalier::shards
