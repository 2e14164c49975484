// Pass 2 of a pack: the shards and what lies beside them.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/error.h"
#include "core/files.h"
#include "core/hash.h"
#include "core/jsonl.h"
#include "image/colour.h"
#include "pack/pack.h"
#include "shards/flags.h"
#include "shards/parallel.h"

namespace espalier::pack {
namespace {

namespace fs = std::filesystem;

// Samples are written together up to this many bytes.
constexpr int64_t kWriteBytes = 1 << 18;

}  // namespace

bool Packer::owns(int64_t shard) const {
  return first_ <= plan_.shard_begin[shard] && plan_.shard_begin[shard] < end_;
}

bool Packer::shares(int64_t shard) const {
  return owns(shard) && plan_.shard_begin[shard + 1] > end_;
}

std::string Packer::begin() {
  Json addresses = Json::object();
  for (int64_t k = 0; k < plan_.shards(); ++k) {
    if (!shares(k)) continue;
    const shards::Shard shard = plan_.shard(k);
    if (shards::is_finished(path_of(k), shard)) continue;
    const fs::path path = shards::shared_temporary_name(path_of(k));
    begun_[k] = std::make_unique<Begun>(path);
    begun_[k]->address = shards::create_shard(path, shard);
    addresses[fmt::format("{}", k)] = begun_[k]->address;
  }
  return addresses.dump();
}

void Packer::write(const std::vector<std::string>& begun, const PartDone& progress) {
  Json addresses = Json::object();
  for (const std::string& text : begun) addresses.update(Json::parse(text));
  for (int64_t k = 0; k < plan_.shards(); ++k) {
    const Range range{std::max(first_, plan_.shard_begin[k]),
                      std::min(end_, plan_.shard_begin[k + 1])};
    if (range.begin >= range.end) continue;
    const auto update = [&](int64_t done) { progress(range.begin - first_ + done); };
    const std::string name = fmt::format("{}", k);
    if (owns(k) && !shares(k)) {
      write_whole(k, update);
    } else if (addresses.contains(name)) {
      write_range(shards::shared_temporary_name(path_of(k)), addresses[name], k, range, update);
    }
  }
}

void Packer::write_whole(int64_t index, const PartDone& progress) {
  const shards::Shard shard = plan_.shard(index);
  if (shards::is_finished(path_of(index), shard)) {
    return record(index, shards::read_shard(path_of(index)).payload_address);
  }
  const shards::TemporaryFile temporary(temporary_name(path_of(index)));
  const int64_t address = shards::create_shard(temporary.path, shard);
  const Range range{plan_.shard_begin[index], plan_.shard_begin[index + 1]};
  write_range(temporary.path, address, index, range, progress);
  complete(index, temporary.path, address);
}

void Packer::write_range(const fs::path& path, int64_t address, int64_t shard, Range range,
                         const PartDone& progress) {
  const shards::PayloadFile file(path);
  const auto& offset = plan_.table.offset;
  std::vector<int64_t> cuts{range.begin};
  for (int64_t sample = range.begin + 1; sample < range.end; ++sample) {
    if (offset[sample + 1] - offset[cuts.back()] > kWriteBytes) cuts.push_back(sample);
  }
  cuts.push_back(range.end);
  const auto write_piece = [&](int64_t piece) {
    std::vector<uint8_t> bytes;
    bytes.reserve(static_cast<size_t>(offset[cuts[piece + 1]] - offset[cuts[piece]]));
    for (int64_t s = cuts[piece]; s < cuts[piece + 1]; ++s) append_stored(s, bytes);
    file.write(address + offset[cuts[piece]] - offset[plan_.shard_begin[shard]], bytes);
  };
  const auto pieces = static_cast<int64_t>(cuts.size()) - 1;
  shards::parallel_for(pieces, options_.threads, write_piece,
                       [&](int64_t done) { progress((range.end - range.begin) * done / pieces); });
}

void Packer::append_stored(int64_t sample, std::vector<uint8_t>& to) {
  const shards::SampleTable& table = plan_.table;
  const std::unique_ptr<Forms> kept = std::move(kept_[sample - first_]);
  Forms forms = kept ? std::move(*kept) : Forms();
  const bool raw = plan_.facts.kind == shards::SetKind::kRaw;
  std::vector<uint8_t>& made = raw ? forms.pixels : forms.encoded;
  const uint32_t flags = table.flags[sample];
  Content content;
  if (made.empty()) {
    content = source_->read(plan_.items[sample]);
    check(sha256_of(content) == plan_.sha256[sample], Kind::kData,
          "{} changed while it was being packed (try: pack again)", table.key(sample));
    const bool from_file = !std::holds_alternative<image::Image>(content);
    if ((raw && from_file) || (flags & shards::kRewritten) != 0) {
      StorageRules rules = options_.rules();
      rules.encoded = !raw;
      Transcoded stored = transcode(content, rules);
      const bool pixels = raw || stored.codec == image::Codec::kRaw;
      made = std::move(pixels ? stored.pixels.pixels : stored.bytes);
    }
  }
  std::span<const uint8_t> bytes = made.empty() ? bytes_of(content) : made;
  image::Image widened;
  if (raw && (flags & shards::kGreyAsRgb) != 0 &&
      static_cast<int64_t>(bytes.size()) < table.stored_bytes(sample)) {
    const int64_t width = table.width[sample];
    image::to_rgb({bytes.data(), table.height[sample], width, 1, width}, widened);
    bytes = widened.pixels;
  }
  check(static_cast<int64_t>(bytes.size()) == table.stored_bytes(sample) &&
            crc32(bytes) == table.crc32[sample],
        Kind::kBug, "{} is packed into other bytes than in the scan", table.key(sample));
  to.insert(to.end(), bytes.begin(), bytes.end());
}

void Packer::complete(int64_t shard, const fs::path& temporary, int64_t address) {
  shards::mark_complete(temporary);
  publish(temporary, path_of(shard));
  record(shard, address);
}

void Packer::record(int64_t shard, int64_t address) {
  written_[shard] = {.name = shards::shard_name(shard),
                     .sha256 = sha256_hex_of_file(path_of(shard)),
                     .size_bytes = ReadOnlyFile(path_of(shard)).size_bytes(),
                     .num_samples = plan_.shard_begin[shard + 1] - plan_.shard_begin[shard],
                     .payload_address = address};
}

std::string Packer::seal() {
  for (int64_t k = 0; k < plan_.shards(); ++k) {
    if (!shares(k)) continue;
    if (const auto begun = begun_.find(k); begun != begun_.end()) {
      complete(k, begun->second->file.path, begun->second->address);
    } else {
      record(k, shards::read_shard(path_of(k)).payload_address);
    }
  }
  Json files = Json::object();
  for (const auto& [k, file] : written_) {
    files[fmt::format("{}", k)] = {file.sha256, file.size_bytes, file.payload_address};
  }
  return files.dump();
}

void Packer::finish(const std::vector<std::string>& sealed) const {
  Json files = Json::object();
  for (const std::string& text : sealed) files.update(Json::parse(text));
  shards::Index index{.facts = plan_.facts, .shards = {}, .table = plan_.table};
  std::string sums;
  for (int64_t k = 0; k < plan_.shards(); ++k) {
    const Json& said = files.at(fmt::format("{}", k));
    index.shards.push_back({.name = shards::shard_name(k),
                            .sha256 = said.at(0),
                            .size_bytes = said.at(1),
                            .num_samples = plan_.shard_begin[k + 1] - plan_.shard_begin[k],
                            .payload_address = said.at(2)});
  }
  write_file(out_ / shards::kSkippedName, plan_.skipped.tsv);
  shards::write_index(out_ / shards::kIndexName, index);
  for (const char* name : {shards::kIndexName, shards::kSkippedName}) {
    sums += sha256_hex_of_file(out_ / name) + "  " + name + '\n';
  }
  for (const shards::ShardFile& shard : index.shards)
    sums += shard.sha256 + "  " + shard.name + '\n';
  folder_->remove_scan_journals();
  write_file(out_ / shards::kChecksumsName, sums);
}

}  // namespace espalier::pack
