// How the samples of a set are read, and why.
//
//   sample      one pread per sample                        page cache, NVMe, memory (tmpfs)
//   block       one pread per block, kept while it is used  spinning disks, network file systems
//   local_copy  the shards copied to a disk of the node, then as `sample`
//
// The pixels are the same in every mode. None maps a file into memory: where a mapped shard shrinks
// or its disk fails, the process dies by a signal instead of an error that names the shard.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>

#include "core/options.h"

namespace espalier::data {

// When the checksum of a sample is checked.
enum class Verify { kFirstEpoch, kAlways, kNever };
constexpr auto names_of(Verify) {
  using enum Verify;
  return names<Verify>({{kFirstEpoch, "first_epoch"}, {kAlways, "always"}, {kNever, "never"}});
}

enum class ReadMode { kAuto, kBlock, kSample, kLocalCopy };
constexpr auto names_of(ReadMode) {
  using enum ReadMode;
  return names<ReadMode>(
      {{kAuto, "auto"}, {kBlock, "block"}, {kSample, "sample"}, {kLocalCopy, "local_copy"}});
}

struct ReadOptions {
  Verify verify = Verify::kFirstEpoch;
  ReadMode read = ReadMode::kAuto;
  std::string copy_folder;
  int64_t max_memory = 0;

  Fields fields();
};

// The facts that the choice depends on.
struct Storage {
  std::string system;  // "nfs", "lustre", ...; "local" for all others
  bool far = false;    // many small reads are slow
  bool in_memory = false;
  int64_t payload_bytes = 0;
  int64_t available_memory = 0;
  int64_t copy_room = 0;     // bytes free in the copy folder; 0 without one
  int64_t block = 1;         // samples
  int64_t blocks_bytes = 0;  // memory that mode `block` would take
};

// Reads the facts from the system.
[[nodiscard]] Storage storage_of(const std::filesystem::path& folder, const ReadOptions& options,
                                 int64_t payload_bytes);

struct ReadChoice {
  ReadMode mode = ReadMode::kAuto;  // as chosen, not auto
  std::string reason;
};

// kUsage when the mode that was asked for is impossible.
ReadChoice choose_read(const ReadOptions& options, const Storage& storage);

}  // namespace espalier::data
