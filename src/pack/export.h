// A packed set -> image files, for other programs.
//
// Bytes are as stored; pixels of raw samples become PNG. The result depends on the set alone, and
// appears whole or not at all. Names of files are safe whatever the keys: no component is empty,
// "." or "..", control characters and backslashes become "_". kUsage when there is something
// already, or when two keys would get one name.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>

#include "shards/stored_set.h"

namespace espalier::pack {

using ExportProgress = std::function<void(int64_t done)>;

// CLASS/KEY, or KEY where a set has no classes; samples without a class lie in "unlabeled".
void export_folder(const shards::StoredSet& set, const std::filesystem::path& out, int64_t threads,
                   const ExportProgress& progress = {});

// A WebDataset tar: KEY.jpg or KEY.png, then KEY.cls with the class name, in the order of the
// samples' numbers.
void export_tar(const shards::StoredSet& set, const std::filesystem::path& out,
                const ExportProgress& progress = {});

}  // namespace espalier::pack
