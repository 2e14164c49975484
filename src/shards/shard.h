// One shard: an HDF5 file of samples, and the facts about the whole set that it repeats.
// docs/shard_format.md has the bytes.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "core/names.h"
#include "shards/order_facts.h"
#include "shards/sample_table.h"

namespace espalier::shards {

inline constexpr int64_t kVersionMajor = 1;
inline constexpr int64_t kVersionMinor = 1;  // 1: the order

inline constexpr const char* kIndexName = "index.h5";
inline constexpr const char* kSkippedName = "skipped.tsv";
inline constexpr const char* kChecksumsName = "SHA256SUMS";
std::string shard_name(int64_t shard);  // "shard-00000.h5"
[[nodiscard]] bool is_shard_name(const std::string& name);
// Whether there is no such file; false where the system cannot answer.
[[nodiscard]] bool is_missing(const std::filesystem::path& path);

// How the samples of a set are stored: as pixels of one size, [N, H, W, C], or as image files, end
// to end.
enum class SetKind { kRaw, kEncoded };
constexpr auto names_of(SetKind) {
  using enum SetKind;
  return names<SetKind>({{kRaw, "raw"}, {kEncoded, "encoded"}});
}

// Facts that every file of a set holds alike.
struct SetFacts {
  SetKind kind = SetKind::kRaw;
  std::string plan_sha256;       // identity of the contents: equal plans are equal bytes
  std::string converter_config;  // the options of pack as YAML
  std::vector<std::string> class_names;
  OrderFacts order = {};  // sets of minor version 0 have none: single samples
  bool operator==(const SetFacts&) const = default;
};

struct Shard {
  SetFacts facts;
  int64_t shard_index = 0, shard_count = 0;
  int64_t global_start = 0;  // number of its first sample in the set
  SampleTable table;
  bool operator==(const Shard&) const = default;
};

// Writes everything but the payload, which has its place already, and the mark of completeness.
// Returns the payload's address: sample i belongs at address + table.offset[i].
[[nodiscard]] int64_t create_shard(const std::filesystem::path& path, const Shard& shard);
void mark_complete(const std::filesystem::path& path);

struct StoredShard {
  Shard shard;
  int64_t payload_address = 0;
};
// kData when the file is damaged, incomplete, or of another major version.
StoredShard read_shard(const std::filesystem::path& path);

// What shards and the index have in common at their root.
void write_facts(h5::File& file, const std::string& format, const SetFacts& facts);
SetFacts read_facts(const h5::File& file, const std::string& format, const std::string& path);

}  // namespace espalier::shards
