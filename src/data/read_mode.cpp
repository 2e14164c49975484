#include "data/read_mode.h"

#include <sys/vfs.h>

#include <algorithm>
#include <array>

#include "core/clock.h"
#include "core/error.h"
#include "core/memory.h"

namespace espalier::data {
namespace {

struct System {
  uint32_t type;
  const char* name;
};

// Numbers of statfs(2), linux/magic.h and the systems' own sources.
constexpr std::array kFar = {
    System{0x6969, "nfs"},        System{0x0BD00BD0, "lustre"},  System{0x47504653, "gpfs"},
    System{0x19830326, "beegfs"}, System{0xFF534D42, "cifs"},    System{0xFE534D42, "smb2"},
    System{0x00C36400, "ceph"},   System{0x65735546, "fuse"},    System{0x5346414F, "afs"},
    System{0x01021997, "9p"},     System{0x20030528, "orangefs"}};
constexpr std::array kMemory = {System{0x01021994, "tmpfs"}, System{0x858458F6, "ramfs"}};

std::string size_text(int64_t bytes) {
  return fmt::format("{} MB", with_commas(bytes / 1'000'000));
}

// The memory that blocks may take: data.max_memory, or half of the available memory.
int64_t memory_limit(const ReadOptions& options, int64_t available_memory) {
  return options.max_memory > 0 ? options.max_memory : available_memory / 2;
}

}  // namespace

Fields ReadOptions::fields() {
  return {
      {"verify",
       &verify,
       {.help =
            "when the checksum of a sample is checked: at its first read, at every read, or never",
        .identity = false}},
      {"read",
       &read,
       {.help = "how samples are read; auto chooses by file system and size, and logs the reason",
        .identity = false}},
      {"copy_folder",
       &copy_folder,
       {.help = "folder on a disk of the node, where `read: local_copy` puts its copy of the "
                "shards",
        .identity = false}},
      {"max_memory",
       &max_memory,
       {.min = 0,
        .max = 1e15,
        .unit = "bytes",
        .help = "most memory that reading and loading may take per rank; 0 = no limit",
        .identity = false}}};
}

Storage storage_of(const std::filesystem::path& folder, const ReadOptions& options,
                   int64_t payload_bytes) {
  Storage storage{.system = "local", .payload_bytes = payload_bytes};
  struct statfs status {};
  if (statfs(folder.c_str(), &status) == 0) {
    const auto type = static_cast<uint32_t>(status.f_type);
    const auto far = std::ranges::find(kFar, type, &System::type);
    const auto memory = std::ranges::find(kMemory, type, &System::type);
    storage.far = far != kFar.end();
    storage.in_memory = memory != kMemory.end();
    if (storage.far) storage.system = far->name;
    if (storage.in_memory) storage.system = memory->name;
  }
  storage.available_memory = available_memory();
  if (!options.copy_folder.empty()) {
    std::error_code none;
    std::filesystem::path there = std::filesystem::absolute(options.copy_folder);
    while (!std::filesystem::exists(there, none) && there.has_relative_path()) {
      there = there.parent_path();
    }
    const auto space = std::filesystem::space(there, none);
    storage.copy_room = none ? 0 : static_cast<int64_t>(space.available);
  }
  return storage;
}

ReadChoice choose_read(const ReadOptions& options, const Storage& storage) {
  if (options.read == ReadMode::kLocalCopy) {
    check(!options.copy_folder.empty(), Kind::kUsage,
          "data.read is local_copy, but data.copy_folder is empty (try: "
          "data.copy_folder=/local/scratch)");
  }
  if (options.read != ReadMode::kAuto) return {options.read, "asked for"};
  const std::string size = size_text(storage.payload_bytes);
  const int64_t limit = memory_limit(options, storage.available_memory);
  const bool blocks = storage.block > 1 && storage.blocks_bytes <= limit;
  if (storage.in_memory) return {ReadMode::kSample, storage.system + " is in memory"};
  if (storage.far && storage.copy_room > storage.payload_bytes) {
    return {ReadMode::kLocalCopy, fmt::format("{} is slow for small reads, and {} has room for {}",
                                              storage.system, options.copy_folder, size)};
  }
  const bool cached = storage.payload_bytes < storage.available_memory / 2;
  if (!storage.far && cached) {
    return {ReadMode::kSample, fmt::format("{} on a local disk fit into the page cache", size)};
  }
  const std::string why = storage.far ? storage.system + " is slow for small reads"
                                      : size + " do not fit into the page cache";
  if (blocks) return {ReadMode::kBlock, why};
  return {ReadMode::kSample, storage.block == 1
                                 ? why + ", but the set has blocks of one sample"
                                 : fmt::format("{}, but blocks would take {} of {}", why,
                                               size_text(storage.blocks_bytes), size_text(limit))};
}

}  // namespace espalier::data
