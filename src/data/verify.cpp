#include "data/verify.h"

#include <set>
#include <sstream>

#include "core/error.h"
#include "core/files.h"
#include "core/hash.h"
#include "data/index.h"
#include "data/parallel.h"

namespace espalier::data {
namespace {

namespace fs = std::filesystem;

// Runs `action`; damage becomes a line of `faults`.
template <typename Action>
bool sound(std::vector<std::string>& faults, const Action& action) {
  try {
    action();
    return true;
  } catch (const Error& error) {
    if (error.kind() != Kind::kData && error.kind() != Kind::kIo) throw;
    faults.push_back(error.what());
    return false;
  }
}

void check_checksums(const fs::path& folder, const Index& index, std::vector<std::string>& faults) {
  std::set<std::string> unlisted = {kIndexName, kSkippedName};
  for (const ShardFile& shard : index.shards) unlisted.insert(shard.name);
  std::istringstream lines(read_file(folder / kChecksumsName));
  for (std::string line; std::getline(lines, line);) {
    const size_t gap = line.find("  ");
    if (gap == line.npos) {
      faults.push_back(fmt::format("{}: '{}' is no line of it", kChecksumsName, line));
      continue;
    }
    const std::string name = line.substr(gap + 2);
    unlisted.erase(name);
    sound(faults, [&] {
      check(sha256_hex_of_file(folder / name) == line.substr(0, gap), Kind::kData,
            "{}: SHA-256 differs from {}", name, kChecksumsName);
    });
  }
  for (const std::string& name : unlisted) {
    faults.push_back(fmt::format("{} does not list {}", kChecksumsName, name));
  }
}

// The samples of a shard whose bytes are not what `expected` says. Needs no sound HDF5 structure.
void check_samples(const fs::path& path, int64_t payload_address, const SampleTable& expected,
                   std::vector<std::string>& faults) {
  const ReadOnlyFile file(path);
  std::vector<uint8_t> bytes;
  for (int64_t i = 0; i < expected.size(); ++i) {
    sound(faults, [&] {
      bytes.resize(static_cast<size_t>(expected.stored_bytes(i)));
      file.read(payload_address + expected.offset[i], bytes);
      check(crc32(bytes) == expected.crc32[i], Kind::kData, "{}: sample {} is damaged (CRC-32)",
            path.filename().string(), expected.key(i));
    });
  }
}

void check_structure(const fs::path& path, const Shard& expected, int64_t& payload_address,
                     std::vector<std::string>& faults) {
  sound(faults, [&] {
    const StoredShard stored = read_shard(path);
    check(payload_address < 0 || stored.payload_address == payload_address, Kind::kData,
          "{}: the payload is at byte {}, not {}", path.filename().string(), stored.payload_address,
          payload_address);
    payload_address = stored.payload_address;
    check(stored.shard == expected, Kind::kData,
          "{}: attributes or sample table differ from the index", path.filename().string());
  });
}

}  // namespace

std::vector<std::string> shard_faults(const fs::path& path, const Shard& expected) {
  std::vector<std::string> faults;
  int64_t payload_address = -1;
  check_structure(path, expected, payload_address, faults);
  if (payload_address >= 0) {
    sound(faults, [&] { check_samples(path, payload_address, expected.table, faults); });
  }
  return faults;
}

std::vector<std::string> verify(const fs::path& folder, int64_t threads,
                                const std::function<void(int64_t)>& progress) {
  const Index index = read_index(folder);
  std::vector<std::string> faults;
  sound(faults, [&] { check_checksums(folder, index, faults); });

  std::vector<std::vector<std::string>> by_shard(index.shards.size());
  const auto check_shard = [&](int64_t k) {
    const ShardFile& file = index.shards[k];
    const Shard expected = index.expected_shard(k);
    int64_t payload_address = file.payload_address;
    check_structure(folder / file.name, expected, payload_address, by_shard[k]);
    sound(by_shard[k], [&] {
      check_samples(folder / file.name, file.payload_address, expected.table, by_shard[k]);
    });
  };
  const auto shards_done = [&](int64_t done) {
    if (progress) progress(done * index.table.size() / static_cast<int64_t>(by_shard.size()));
  };
  parallel_for(static_cast<int64_t>(by_shard.size()), threads, check_shard, shards_done);
  for (const auto& lines : by_shard) faults.insert(faults.end(), lines.begin(), lines.end());
  return faults;
}

}  // namespace espalier::data
