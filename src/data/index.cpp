#include "data/index.h"

#include "core/error.h"
#include "core/files.h"

namespace espalier::data {
namespace {

constexpr const char* kIndexFormat = "espalier-index";

}  // namespace

Shard Index::expected_shard(int64_t shard) const {
  int64_t begin = 0;
  for (int64_t k = 0; k < shard; ++k) begin += shards[k].num_samples;
  return {.facts = facts,
          .shard_index = shard,
          .shard_count = static_cast<int64_t>(shards.size()),
          .global_start = begin,
          .table = table.slice(begin, begin + shards[shard].num_samples)};
}

void write_index(const std::filesystem::path& path, const Index& index) {
  std::vector<std::string> names, hashes;
  std::vector<int64_t> sizes, samples, addresses;
  for (const ShardFile& shard : index.shards) {
    names.push_back(shard.name);
    hashes.push_back(shard.sha256);
    sizes.push_back(shard.size_bytes);
    samples.push_back(shard.num_samples);
    addresses.push_back(shard.payload_address);
  }
  const std::filesystem::path temporary = temporary_name(path);
  h5::File file = h5::File::create(temporary);
  write_facts(file, kIndexFormat, index.facts);
  file.set_attribute("num_samples", index.table.size());
  file.write_texts("shard_name", names);
  file.write_texts("shard_sha256", hashes);
  file.write("shard_size_bytes", sizes);
  file.write("shard_num_samples", samples);
  file.write("shard_payload_address", addresses);
  index.table.write(file);
  file.set_attribute("complete", 1);
  file.close();
  publish(temporary, path);
}

Index read_index(const std::filesystem::path& folder) {
  const std::filesystem::path path = folder / kIndexName;
  check(!is_missing(path), Kind::kData,
        "{} is not a packed data set, it has no {} (try: espalier pack --source ... --format ... "
        "--out {})",
        folder.string(), kIndexName, folder.string());
  const h5::File file = h5::File::open(path);
  Index index;
  index.facts = read_facts(file, kIndexFormat, path.string());
  index.table = SampleTable::read(file, path.string());
  const auto names = file.read_texts("shard_name");
  const auto hashes = file.read_texts("shard_sha256");
  const auto sizes = file.read<int64_t>("shard_size_bytes");
  const auto samples = file.read<int64_t>("shard_num_samples");
  const auto addresses = file.read<int64_t>("shard_payload_address");
  const bool fits = hashes.size() == names.size() && sizes.size() == names.size() &&
                    samples.size() == names.size() && addresses.size() == names.size();
  check(fits, Kind::kData, "{}: the list of shards is damaged", path.string());
  int64_t total = 0;
  for (size_t k = 0; k < names.size(); ++k) {
    index.shards.push_back({names[k], hashes[k], sizes[k], samples[k], addresses[k]});
    check(samples[k] > 0, Kind::kData, "{}: {} has {} samples", path.string(), names[k],
          samples[k]);
    total += samples[k];
  }
  check(total == index.table.size() && total > 0, Kind::kData,
        "{}: the shards have {} samples, the table {}", path.string(), total, index.table.size());
  return index;
}

}  // namespace espalier::data
